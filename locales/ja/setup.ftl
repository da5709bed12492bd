# 各 SNS の準備に必要なこと（運営者向け）。

## 枠
setup-title = SNS の準備
setup-about = このサーバーの運営者の方へ：アカウントを接続できるようにするために、各 SNS で必要なことです。同じ内容は「socrazi setup SNS 名」でも表示されます。
setup-keys-set = アプリのキーは設定済みです。
setup-keys-unset = アプリのキーはまだ設定されていません。
setup-heading-redirect = リダイレクト先のアドレス
setup-heading-scopes = 接続する人に求める権限
setup-heading-steps = 手順
setup-heading-limits = 審査やプランによる制限
setup-heading-cost = 費用
setup-mark-red = 予約の前に断ります
setup-mark-note = ご参考
setup-redirect = リダイレクト先として { $url } を一字一句そのまま登録します。
setup-cost-free = 無料
setup-media-reached = 画像と動画は Meta がこのサーバーから取得します。server.public_url は Meta から届くアドレスです。
setup-media-unreached = 画像と動画には、Meta から届く https の server.public_url が必要です。それまでは、画像や動画のある投稿は確認の時点で断られます。
setup-no-take-down = 公開済みの投稿をここから削除することはできません。ご本人がアプリで行います。

## Meta：Threads と Instagram
setup-meta-permissions = アプリに次の権限を加えます：{ $scopes }。
setup-meta-review = アプリに役割のない人が接続できるのは、Meta のアプリ審査（App Review）に通ってからです。
setup-meta-lasts = 接続は最後の更新から60日間有効です。更新は、動いている間このサーバーが行います。

## Google：YouTube とレポート
setup-google-project = console.cloud.google.com でプロジェクトを作り、次の API を有効にします：{ $apis }。
setup-google-consent = 同意画面に次のスコープを加えます：{ $scopes }。
setup-google-client = 種類「ウェブ アプリケーション」の OAuth クライアントを作ります。
setup-google-keys = google.client_id と google.client_secret に、その OAuth クライアントの値を設定します。
setup-google-testing = 同意画面がテスト中の間、Google は接続を7日で終わらせ、登録したテスターしか接続できません。アプリを公開すると、どちらもなくなります。
setup-google-unverified = Google の確認が済むまでは警告が表示され、接続できるのは100人までです。
setup-google-reports = { $feature } のレポート

## 権限の用途
purpose-publish = 投稿
purpose-media = 画像と動画
purpose-parts = 複数の投稿からなるスレッド
purpose-first-comment = 最初のコメント
purpose-inbox = 受信箱への下書き
purpose-confirm = 通信が切れたあとの、投稿されたかどうかの確認
purpose-figures = 投稿の数値
purpose-followers = フォロワー数
purpose-take-down = 公開済みの投稿の削除
purpose-profile = 名前と画像
purpose-stay = 確認なしのアクセスの更新

## クライアントからこのサーバーがどう見えるか（`socrazi doctor`）
doctor-reach = アシスタント用のアドレス
doctor-reach-good = { $url } はここにつながっています
doctor-reach-nobody = { $url } から応答がありません：{ $why }
doctor-reach-nobody-fix = 名前がこのマシンまたはプロキシを指していること、プロキシが動いていて証明書が有効なこと、リクエストが server.bind に渡されていることを確認してください。
doctor-reach-moved = { $url } は { $to } にリダイレクトされます。クライアントはついて行かないか、途中でトークンを失います
doctor-reach-moved-fix = server.public_url を行き着く先のアドレスにするか、プロキシでリダイレクトせずにそのまま渡してください。
doctor-reach-missing = { $url } は { $status } を返します。手前にあるものがリクエストを渡していません
doctor-reach-missing-fix = プロキシがすべてのパス（/mcp、/oauth/、/.well-known/ を含む）を server.bind に渡すようにしてください。
doctor-reach-not-ours = { $url } は { $status } を返し、このサーバーの応答ではありません
doctor-reach-not-ours-fix = 別のものが代わりに応答しています（プロキシのサインイン画面やフィルター、別のサイト、別のバージョンなど）。リクエストも応答も変えずに渡してください。プログラムはサインイン画面を通れません。
doctor-host-other = プロキシが別の名前（Host）でリクエストを渡しているため、このサーバーは拒否します
doctor-host-other-fix = 名前をそのまま渡してください。nginx は「proxy_set_header Host {"$"}host;」、Apache は「ProxyPreserveHost On」です。Caddy と Traefik は初めからそうなっています。
doctor-headers = クライアントのヘッダー
doctor-headers-good = すべて届いています
doctor-headers-missing = 届いていません：{ $names }
doctor-headers-missing-fix = プロキシがこれらのリクエストヘッダー（Authorization と Origin を含む）を変えずに渡すようにし、削除や上書きの設定を外してください。
doctor-streaming = 少しずつ届く応答
doctor-streaming-good = 送られたとおりに届いています
doctor-streaming-held = 終わるまで止められているため、進み具合や通知が遅れるか、届きません
doctor-streaming-held-fix = /mcp では応答のバッファリングと圧縮を切ってください。nginx は「proxy_buffering off; gzip off;」とし、「proxy_read_timeout」を長くします。
doctor-document = { $path } の文書
doctor-document-good = あります（{ $name }：{ $value }）
doctor-document-other = { $name } が { $found } になっています（正しくは { $wanted }）
doctor-document-other-fix = 別のサーバーか、別の server.public_url で起動したサーバーが応答しています。`socrazi serve` を再起動し、プロキシの行き先を確認してください。
doctor-endpoints = サインインの窓口
doctor-endpoints-good = 応答しています
doctor-challenge = トークンのない呼び出し
doctor-challenge-good = 401 で断られ、サインイン先が伝わっています。ほかのサイトのページも断られます
doctor-challenge-stripped = 断られますが、サインイン先が伝わりません。WWW-Authenticate がないか、変えられています
doctor-challenge-stripped-fix = プロキシが応答のステータスとヘッダー（WWW-Authenticate を含む）を変えずに渡すようにし、401 に独自のエラーページを出さないでください。
doctor-origin-open = ほかのサイトのページに 403 ではなく { $status } が返りました。プロキシが Origin を省くか、書き換えています
