# Instagram の規則と応答を人に伝える文。キーは instagram-thing-case。

## 送信の前
instagram-media-none = Instagram では、画像か動画のない投稿はできません。追加してください。
instagram-text-too-long = キャプションは { $length } 文字で、Instagram の上限 { $max } 文字を { $over } 文字超えています。「{ $fits }」までは収まります。次の部分を削ってください：「{ $cut }」。
instagram-hashtags = キャプションに #タグ が { $count } 個あります。Instagram で使えるのは { $max } 個までです。{ $over } 個減らしてください。
instagram-mentions = キャプションに @ で始まるアカウント名が { $count } 個あります。Instagram で使えるのは { $max } 個までです。{ $over } 個減らしてください。
instagram-parts-too-many = { $count } 件に分かれています。Instagram にスレッドはありません。2 件目は最初のコメントになり、3 件目は送れません。キャプションにまとめるか、別々の投稿にしてください。
instagram-comment-text-only = 2 件目は投稿の最初のコメントになります。コメントは文字だけです。本文を書き、画像や動画は 1 件目に付けてください。
instagram-comment-too-long = 最初のコメントは { $length } 文字で、Instagram の上限 { $max } 文字を { $over } 文字超えています。短くしてください。
instagram-media-missing = メディア { $media } が見つかりません。もう一度アップロードするか、投稿から外してください。
instagram-media-kind = Instagram では { $mime } 形式のファイル（{ $media }）を使えません。JPEG、PNG、WebP、MP4、MOV のいずれかにしてください。アニメーションは MP4 で保存してください。
instagram-media-too-many = 画像と動画が合わせて { $count } 個あります。Instagram で付けられるのは { $max } 個までです。減らすか、2 つの投稿に分けてください。
instagram-media-unreachable = Instagram は画像や動画をこのサーバーから取りに来ますが、このサーバーには届きません。運営者が server.public_url を、インターネットから開ける https のアドレスにする必要があります。
instagram-image-aspect = 画像 { $media } の大きさは { $size } ピクセルです。Instagram で使える縦横比は 4:5（縦長）から 1.91:1（横長）までです。最大で { $nearest } に切り抜くか、ストーリーズとして投稿してください。
instagram-image-small = 画像 { $media } の大きさは { $size } ピクセルです。幅が { $min } に満たない画像は Instagram で引き伸ばされ、ぼやけて見えます。
instagram-carousel-cropped = Instagram では、1 つの投稿の画像や動画はすべて最初の 1 つの形（{ $size }）に切り抜かれます。{ $media } の一部が見えなくなります。気になる場合は、自分で切り抜いてください。
instagram-alt-too-long = { $media } の説明文は { $length } 文字で、Instagram の上限 { $max } 文字を超えています。短くしてください。
instagram-alt-unused = Instagram で説明文を付けられるのは画像だけで、ストーリーズには付けられません。{ $media } の説明文は表示されません。
instagram-video-too-large = 動画 { $media } は { $megabytes } MB で、ここでの Instagram の上限 { $max } MB を超えています。小さくしてください。
instagram-video-aspect = 動画 { $media } の大きさは { $size } ピクセルで、Instagram には細長すぎます。切り抜いてください。9:16 が適しています。
instagram-video-width = 動画 { $media } の大きさは { $size } ピクセルです。Instagram で使える幅は { $max } までです。大きさを変えてください。
instagram-video-length = 動画 { $media } の長さは { $seconds } 秒です。ここでは { $min } 秒から { $max } 秒までです。切り詰めてください。ストーリーズには長すぎる場合は、リールとして投稿することもできます。
instagram-story-one = ストーリーズに載せられるのは画像か動画 1 つです。ほかを外し、それぞれ別のストーリーズにしてください。
instagram-story-text = アプリから投稿するストーリーズに文字は付きません。ここに書いた本文は Instagram では表示されません。
instagram-story-comment = ストーリーズにコメントは付きません。2 件目を外してください。
instagram-poll = アプリから Instagram に投票を付けることはできません。外してください。
instagram-repliers = アプリからは、Instagram で返信できる人を限ることはできません。この指定を外してください。
instagram-paid-partnership = この接続方法では、Instagram に有償パートナーシップを示す印を付けられないため、表示されません。キャプションに書くか、Instagram のアプリから公開してください。
instagram-collaborators-too-many = 共同投稿者が { $count } 人指定されています。Instagram で招待できるのは { $max } 人までです。減らしてください。
instagram-collaborator-wrong = 「{ $handle }」は Instagram のユーザーネームではありません。アプリに表示されているとおり、英数字、ピリオド、アンダースコアで書いてください。
instagram-collaborators-where = 共同投稿者を招待できるのは、画像 1 枚かリール 1 本の投稿だけです。指定を外すか、メディアを 1 つにしてください。
instagram-location-wrong = 「{ $id }」は場所の ID ではありません。名前ではなく番号で指定してください。
instagram-location-where = 場所を付けられるのは画像 1 枚の投稿だけです。指定を外すか、画像を 1 枚にしてください。

## Instagram の応答の後
instagram-caption-refused = Instagram がキャプションを拒否しました。長すぎるか、#タグ が多すぎます。短くして、もう一度予約してください。
instagram-tags-refused = この投稿に付けたアカウントや場所を Instagram が拒否しました。減らして、もう一度予約してください。
instagram-carousel-refused = 画像と動画の数を Instagram が拒否しました。1 個、または 2 個から 10 個にして、もう一度予約してください。
instagram-media-unfetched = Instagram が画像や動画をこのサーバーから取得できませんでした。運営者が server.public_url をインターネットから開けるようにしてから、もう一度予約してください。
instagram-media-failed = Instagram が画像や動画を使えませんでした（{ $detail }）。同じファイルではまた失敗します。別の形式や大きさで保存し、差し替えてください。
instagram-media-unprocessed = Instagram が画像や動画の処理に 2 回失敗しました（{ $detail }）。ファイルが原因とは限りません。もう一度予約してください。それでも失敗する場合は、別の形式や大きさで保存し、差し替えてください。
instagram-permission-missing = アカウントの接続時に、必要な権限が許可されていません。接続し直して、求められた権限をすべて許可してください。運営者の Meta アプリにもこれらの権限が必要です。
instagram-user-restricted = このアカウントは Instagram によって制限されています。Instagram を開いて画面の指示に従ってから、アカウントを接続し直してください。
instagram-blocked = このアカウントは Instagram によって一時的にブロックされています。Instagram を開いて内容を確認してから、アカウントを接続し直してください。
instagram-refused = Instagram が投稿を拒否しました：「{ $detail }」。内容を変えて、もう一度予約してください。
instagram-target-gone = 対象の投稿が Instagram で見つかりません。削除された可能性があります。

## 接続の解除
notice-revoke-unconfirmed-instagram = @{ $handle } の接続を解除し、こちらのトークンは破棄しました。Instagram にはアプリの側からアクセスを取り消す方法がありません。Instagram の「設定」→「ウェブサイトのアクセス許可」→「アプリとウェブサイト」で Socrazi を削除してください。

## 運営者の準備
setup-instagram-account = 接続できるのはプロアカウントだけです。Instagram の「設定 → アカウントの種類とツール」でビジネスかクリエイターに切り替えます。
setup-instagram-app = developers.facebook.com で Instagram プロダクトのあるアプリを作り、「Instagram ログインによる API 設定」を選びます。
setup-instagram-callbacks = 認証解除のコールバック { $removed } と、データ削除リクエストのアドレス { $delete } を登録します。
setup-instagram-keys = instagram.client_id と instagram.client_secret に、Instagram のアプリ ID とアプリシークレット（Meta アプリのものではありません）を設定します。
setup-instagram-professional = 個人用アカウントには API がありません。
