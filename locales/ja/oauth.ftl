# プログラムを受け入れるとき：人への質問と、プログラムへの返事（プログラムは英語で読む）。
oauth-title = プログラムの接続を許可
oauth-wants = { $name } があなたの代わりに Socrazi を使おうとしています
oauth-goes-to = 答えは { $host } に送られます。そこで自分から始めた覚えがなければ、「許可しない」を押してください。
oauth-goes-app = 答えは、この機器で { $address } を開くアプリに送られます。そのアプリでご自身が始めた覚えがなければ、「許可しない」を押してください。
oauth-goes-here = 答えはこの機器で動いているプログラム（{ $host }）に送られます。自分で起動した覚えがなければ、「許可しない」を押してください。
oauth-known-dynamic = この名前はプログラムが自分で名乗ったもので、誰も確認していません。
oauth-known-preset = このサーバーの運営者が登録したプログラムです。
oauth-known-document = 説明は { $client } にあります。名前は、このアドレスの持ち主が付けたものです。
oauth-known-document-here = 説明は { $client } にありますが、答えの送り先はこの機器の中です。ここで動くどのプログラムでも、これになりすますことができます。
oauth-may = 許可すること
oauth-scope-read = アカウント、下書き、投稿を見る
oauth-scope-google = Google アカウントの数値を見る
oauth-scope-google-to = Google アカウントの数値（アナリティクス、Search Console、YouTube）を見る。数値は { $host } の { $name } と、それが使うモデルに送られます
oauth-scope-history = Socrazi との会話を見る。削除してよいかをあなたに尋ねる
oauth-scope-draft = 下書きの作成と、投稿・予約の取り下げ。それ以上のことは毎回あなたに尋ねる
oauth-scope-schedule = あなたに尋ねずに投稿を予約する
oauth-scope-publish = あなたに尋ねずにすぐ公開する
oauth-for = 対象のアカウント
oauth-for-all = すべてのアカウント（あとで接続するものも含む）
oauth-for-only = 下でチェックしたものだけ。ほかのアカウントに出す投稿は扱わせない
oauth-again = このプログラムには { $at }に許可を出しています。そのとき許可したことには最初からチェックが入り、今回新たに求められていることには「新規」と付いています。チェックを外すと、その許可はなくなります。
oauth-new = 新規
oauth-areas = 見せるツール
oauth-areas-all = 使ってよいものすべて
oauth-areas-only = 下でチェックしたものだけ。ほかは存在しないものとして扱う
oauth-areas-reading = 上で何を許可していても、読み取るだけのツールに限る
oauth-area-accounts = アカウント（一覧、接続、切断）
oauth-area-posts = 下書き、投稿、画像と動画
oauth-area-publishing = 予約、公開、取り下げ、一時停止
oauth-area-reports = 数値、レポート、投稿に向く時間
oauth-area-history = Socrazi との会話
oauth-no-area = 分野が一つも選ばれていないため、見せるツールがありません。
oauth-asks-else = ここでオフのことは、できないか、毎回あなたに尋ねる必要があります。許可は設定ページでいつでもすべて取り消せます。
oauth-allow = 許可する
oauth-deny = 許可しない
oauth-signed-in-as = サインイン中：
oauth-begin-again = 何も許可されていません。元のプログラムでもう一度始めてください。それでもだめなら、そのプログラムの作者に知らせてください。
oauth-back = プログラムに戻る
oauth-apps = 接続中のプログラム
oauth-apps-none = 接続を許可したプログラムはありません。このサーバーのアドレス（{ $url }）でアシスタントを接続すると、まずここで尋ねられます。
oauth-apps-what = あなたが許可したプログラムです。許可を取り消すと、すぐに使えなくなります。
oauth-apps-since = 許可した日時
oauth-apps-only = 対象は { $accounts } だけ
oauth-apps-areas = 見せるツール：{ $areas }
oauth-apps-reading = 読み取るだけのツールに限る
oauth-apps-remove = 許可を取り消す

oauth-client-unknown-for-people = このサーバーは、あなたをここへ送ったプログラムを知らないか、もう覚えていません。プログラムの側でこのサーバーを一度削除し、追加し直してください。
oauth-redirect-other = { $name } は登録していないアドレスに答えを求めています。そこへは送りません。
oauth-state-long = state が { $max } バイトを超えています。
oauth-pkce-wrong = code_challenge（43 文字）と code_challenge_method=S256 が必要です。plain は受け付けません。
oauth-resource-wrong = resource が別のサーバーを指しています。ここで発行するトークンは { $url } 専用です。
oauth-nothing-allowed = すべてオフだったので、許可することが何もありません。戻って、少なくとも1つをオンにしてください。
oauth-no-account = 対象のアカウントが一つも選ばれていません。戻って、少なくとも1つを選んでください。
oauth-request-twice = 同じパラメーターが二度あり、どちらの意味か分かりません。
oauth-only-codes = response_type=code と、grant_type=authorization_code または refresh_token だけを受け付けます。
oauth-redirects-count = redirect_uris には 1 個から { $max } 個のアドレスが必要です。
oauth-redirect-wrong = { $given } はリダイレクト先にできません。名前のある https、127.0.0.1、[::1]、localhost の http、または登録済みのアプリのアドレスそのもの（mcp.app_redirects）で、通常の書き方をし、ユーザー名、フラグメント、ワイルドカードを含まないものにしてください。
oauth-app-secret = 独自のスキームで呼び出されるアプリは秘密を保持できません。秘密なしで登録してください。
oauth-metadata-unreadable = クライアントのメタデータの JSON オブジェクト（application/json）ではありません。
oauth-auth-method-wrong = token_endpoint_auth_method は none、client_secret_basic、client_secret_post のどれかにしてください。
oauth-no-issuer = 信頼する外部の発行者が設定されていません。先に oidc.issuer を設定してください。
oauth-subject-wrong = subject は発行者のトークンの sub です（1〜{ $max } 文字）。
oauth-subject-taken = この subject はすでに誰かに割り当てられています。本人が設定ページで取り消せます。
oauth-too-many = 最近登録されたプログラムが多すぎます。一時間後にもう一度試してください。
oauth-document-failed = このプログラムの説明の文書が使えませんでした（{ $host }）：{ $why ->
    [late] 時間内に届きませんでした
    [status] サーバーが HTTP { $status } を返しました
    [redirects] 別の場所へ転送されます
    [large] 大きすぎます
    [kind] application/json ではありません
    [address] 公開されている https のアドレスではありません
    [unreadable] クライアントのメタデータ文書として読めません
    [other] client_id が異なります
    [method] token_endpoint_auth_method は none でなければなりません
   *[unreachable] 接続できません
}。
oauth-client-unknown = この client_id はここでは知られていないか、もう覚えていないか、シークレットが違います。登録し直してください。
oauth-parameter-missing = { $name } がありません。
oauth-form-unreadable = 読めるフォーム（application/x-www-form-urlencoded）ではないか、Authorization ヘッダーが Basic ではありません。
oauth-grant-dead = このコードまたはトークンは、使用済み、期限切れ、取り消し済み、または別の要求のものです。もう一度本人に尋ねてください。
oauth-scope-wider = 本人が許可した範囲（{ $scopes }）を超えています。もっと必要なら、もう一度本人に尋ねてください。
oauth-scope-missing = { $tool } には { $scopes } が必要ですが、このプログラムにはそのすべてが許可されていません。これらのスコープでもう一度本人に尋ねてください。

# アシスタントの中での、本人の答え。
answer-was-yes = 本人が「はい」と答えました。
answer-was-no = 本人が「いいえ」と答えました。何も行われていません。本人が望まないかぎり、もう一度尋ねないでください。
answer-not-asked = この呼び出しでこのクライアントに尋ねた質問がないか、すでに答えられています。requestState を付けずに、もう一度ツールを呼び出してください。
mcp-answer-goes-on = 本人の回答を受け付けました。その後の処理に通常より時間がかかっており、続行中です。1分後に get_post か list_accounts で結果をご確認ください。
answer-here-ask = { $name } がこれを行おうとしています。よろしいですか。
answer-here-label = 答え
answer-here-yes = はい、このとおりに行う
answer-here-no = いいえ
answer-here-page = 内容を読み、こちらのページで答えてください：{ $url }
settings-answers = 自分で答える場所
settings-answers-means = あなた自身が画面の前で直接使っているアシスタントだけにチェックを入れてください。チェックを入れると、承認の質問がそのアシスタントの画面に表示され、そこでの答えが有効になります。自動で動くプログラムは自分の質問に「はい」と答えることができるため、人がいないところではオフのままにしてください。
settings-answers-here = ここで自分で答える
settings-stdio-name = この機器のアシスタント（socrazi mcp）
