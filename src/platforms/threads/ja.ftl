# Threads の規則と応答を人に伝える文。キーは threads-thing-case。

## 送信の前
threads-text-empty = 投稿する内容がありません。本文を書くか、画像を追加してください。
threads-text-too-long = 本文の長さは { $length } で、Threads の上限 { $max } を { $over } 超えています。ここまでは収まります：「{ $fits }」。次の部分を削ってください：「{ $cut }」。絵文字は 1 つで 3 以上、ほかの文字は 1 と数えます。
threads-links-too-many = 本文に { $count } 種類のリンクがあります。Threads で使えるのは { $max } 種類までです。減らしてください。
threads-topic-one = 本文に #タグ が { $count } 個あります。Threads では最初の 1 個だけがトピックになり、ほかはただの文字になります。
threads-media-missing = メディア { $media } が見つかりません。もう一度アップロードするか、投稿から外してください。
threads-media-kind = Threads では { $mime } 形式のファイル（{ $media }）を使えません。JPEG、PNG、MP4、MOV のいずれかにしてください。
threads-media-too-many = 画像と動画が合わせて { $count } 個あります。Threads で付けられるのは { $max } 個までです。減らしてください。
threads-media-too-large = ファイル { $media } は { $megabytes } MB で、Threads の上限 { $max } MB を超えています。小さくしてください。
threads-media-aspect = ファイル { $media } の大きさは { $size } ピクセルです。Threads で使える縦横比は 10:1 まで、動画は 1:100 からです。切り抜いてください。
threads-video-width = 動画 { $media } の大きさは { $size } ピクセルです。Threads で使える幅は { $max } ピクセルまでです。大きさを変えてください。
threads-video-length = 動画 { $media } の長さは { $seconds } 秒で、Threads の上限 { $max } 秒を超えています。切り詰めてください。
threads-alt-too-long = { $media } の説明文は { $length } 文字で、Threads の上限 { $max } 文字を超えています。短くしてください。
threads-media-unreachable = Threads は画像や動画をこのサーバーから取りに来ますが、このサーバーには届きません。運営者が server.public_url を、インターネットから開ける https のアドレスにする必要があります。本文だけの投稿はこのままできます。
threads-poll-options = 投票の選択肢が { $count } 個あります。Threads では { $min } 個から { $max } 個までにしてください。
threads-poll-option-length = 投票の { $no } 番目の選択肢は { $length } 文字です。Threads では 1 文字から { $max } 文字までにしてください。
threads-poll-day = Threads の投票は、ここで選んだ長さに関係なく 1 日間です。
threads-poll-with-media = Threads では、1 つの投稿に投票とメディアの両方は付けられません。どちらかを外してください。
threads-chain-too-long = スレッドが { $count } 件の投稿に分かれています。送れるのは { $max } 件までです。短くするか、2 つに分けてください。
threads-repliers = Threads では、返信をサブスクライバーや認証済みアカウントだけに限ることはできません。全員、フォロー中の人、メンションした人のいずれかにしてください。
threads-disclosure = Threads には、AI による内容や有償パートナーシップを示す印をアプリから付ける方法がないため、表示されません。本文に書いてください。

## Threads の応答の後
threads-links-refused = この投稿のリンクが多すぎると Threads が判断しました。減らして、もう一度予約してください。
threads-feature-missing = このアカウントでは、この投稿に含まれる機能を使えません。投稿を変えて、もう一度予約してください。
threads-media-unfetched = Threads が画像や動画をこのサーバーから取得できませんでした。運営者が server.public_url をインターネットから開けるようにしてから、もう一度予約してください。
threads-media-failed = Threads が画像や動画を処理できませんでした（{ $detail }）。同じファイルではまた失敗します。別の形式や大きさで保存し、差し替えてください。
threads-media-unprocessed = Threads が画像や動画の処理に 2 回失敗しました（{ $detail }）。ファイルが原因とは限りません。もう一度予約してください。それでも失敗する場合は、別の形式や大きさで保存し、差し替えてください。
threads-permission-missing = アカウントの接続時に、必要な権限が許可されていません。接続し直して、求められた権限をすべて許可してください。運営者の Meta アプリにもこれらの権限が必要です。
threads-user-restricted = このアカウントは Threads によって制限されています。Threads を開いて画面の指示に従ってから、アカウントを接続し直してください。
threads-blocked = このアカウントは Threads によって一時的にブロックされています。Threads を開いて内容を確認してから、アカウントを接続し直してください。
threads-reply-refused = スレッドの { $part } 件目が続くはずの投稿が Threads で見つかりません。それより前の部分はそのままです。残りは別の投稿にしてください。
threads-refused = Threads が投稿を拒否しました：「{ $detail }」。内容を変えて、もう一度予約してください。
threads-target-gone = 対象の投稿が Threads で見つかりません。削除された可能性があります。

## 接続の解除
notice-revoke-unconfirmed-threads = @{ $handle } の接続を解除し、こちらのトークンは破棄しました。Threads にはアプリの側からアクセスを取り消す方法がありません。Threads の「設定」→「アカウント」→「ウェブサイトのアクセス許可」で Socrazi を削除してください。

## 運営者の準備
setup-threads-app = developers.facebook.com で、ユースケース「Threads API にアクセス」のアプリを作ります。
setup-threads-people = アプリ審査に通るまでは、使う人を Threads テスターに加えます。招待は Threads の「設定 → アカウント → ウェブサイトのアクセス許可」で承認します。
setup-threads-callbacks = アンインストール時のコールバック { $removed } と、削除のコールバック { $delete } を登録します。
setup-threads-keys = threads.client_id と threads.client_secret に、Threads のアプリ ID とアプリシークレット（Facebook のアプリ ID ではありません）を設定します。
