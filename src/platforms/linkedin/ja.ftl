# LinkedIn の規則と応答を人に伝える文。キーは linkedin-thing-case。

## 送信の前
linkedin-text-empty = 投稿する内容がありません。本文を書くか、画像を追加してください。
linkedin-text-too-long = 本文の長さは { $length } で、LinkedIn の上限 { $max } を { $over } 超えています。ここまでは収まります：「{ $fits }」。次の部分を削ってください：「{ $cut }」。多くの絵文字は 1 つで 2 以上、ほかの文字は 1 と数えます。
linkedin-no-threads = LinkedIn にスレッドはありませんが、この投稿は { $count } 件に分かれています。3000 文字までの 1 つの本文にするか、別々の投稿にしてください。
linkedin-media-missing = メディア { $media } が見つかりません。もう一度アップロードするか、投稿から外してください。
linkedin-media-kind = LinkedIn では { $mime } 形式のファイル（{ $media }）を使えません。JPEG、PNG、GIF、MP4、PDF のいずれかにしてください。
linkedin-images-too-many = 画像が { $count } 枚あります。LinkedIn で付けられるのは { $max } 枚までです。減らしてください。
linkedin-media-mixed = LinkedIn の 1 つの投稿に付けられるのは、画像 { $max } 枚まで、動画 1 本、文書 1 つのいずれかで、組み合わせることはできません。減らしてください。
linkedin-media-too-large = ファイル { $media } は { $megabytes } MB で、LinkedIn の上限 { $max } MB を超えています。小さくしてください。
linkedin-image-pixels = 画像 { $media } の大きさは { $size } で、LinkedIn で使えるのは合計 { $max } ピクセル未満です。小さくしてください。
linkedin-gif-frames = GIF { $media } は { $frames } コマで、LinkedIn の上限 { $max } コマを超えています。コマを減らしてください。
linkedin-pages = 文書 { $media } は { $pages } ページあります。LinkedIn で使えるのは { $max } ページまでとされ、断られるおそれがあります。分けるか、ページを減らしてください。
linkedin-alt-too-long = { $media } の説明文は { $length } 文字で、送れるのは { $max } 文字までです。短くしてください。
linkedin-title-too-long = 文書 { $media } の説明文は LinkedIn でタイトルになります。{ $length } 文字ありますが、表示されるのは { $max } 文字までです。短くしてください。
linkedin-video-too-small = 動画 { $media } は { $min } kB 未満で、LinkedIn では小さすぎて使えません。画質を上げて書き出してください。
linkedin-video-length = 動画 { $media } の長さは { $seconds } 秒です。LinkedIn で使えるのは { $min } 秒から { $max } 分までです。切り詰めるか、長くしてください。
linkedin-video-alt = LinkedIn では動画に説明文を付けられないため、{ $media } の説明文は送られません。何が映っているかを本文に書いてください。
linkedin-poll-question = LinkedIn では、投票の付いた投稿の本文が質問になります。{ $length } 文字あり、上限は { $max } 文字です。短くしてください。
linkedin-poll-options = 投票の選択肢が { $count } 個あります。LinkedIn では { $min } 個から { $max } 個までにしてください。
linkedin-poll-option-length = 投票の { $no } 番目の選択肢は { $length } 文字です。LinkedIn では 1 文字から { $max } 文字までにしてください。
linkedin-poll-length = LinkedIn の投票の期間は 1 日、3 日、7 日、14 日のいずれかです。いちばん近いのは { $days } 日です。
linkedin-poll-with-media = LinkedIn では、1 つの投稿に投票とメディアの両方は付けられません。どちらかを外してください。
linkedin-repliers = LinkedIn では、コメントできる人をアプリから限ることはできません。全員のままにしてください。
linkedin-disclosure = LinkedIn には、AI による内容や有償パートナーシップを示す印をアプリから付ける方法がないため、表示されません。本文に書いてください。

## LinkedIn の応答の後
linkedin-look = LinkedIn からはっきりした応答がなく、このアプリからはアカウントの投稿を読めません。そのメンバーとしてサインインして { $link } を開き、投稿があるか確かめてください。あれば投稿のアドレスをコピーして「公開されている」を、なければ「公開されていないので送る」を選んでください。
linkedin-version-dead = このサーバーが使う版の API に、LinkedIn が応答しなくなりました。何も公開されていません。運営者が linkedin.version を新しい版にする必要があります。
linkedin-permission-missing = アカウントの接続時に投稿の権限が許可されていないか、運営者の LinkedIn アプリが権限を失いました。アカウントを接続し直してください。アプリには Share on LinkedIn の製品が必要です。
linkedin-media-failed = LinkedIn が画像・動画・文書を処理できませんでした（{ $detail }）。同じファイルではまた失敗します。別の方法で保存し、差し替えてください。
linkedin-refused = LinkedIn が投稿を拒否しました：「{ $detail }」。内容を変えて、もう一度予約してください。
linkedin-target-gone = 対象が LinkedIn で見つかりません。削除された可能性があります。
linkedin-remove-unknown = どの投稿かを LinkedIn が知らせてこなかったため、ここからは削除できません。LinkedIn で削除してください： { $link }
linkedin-remove-by-hand = このアドレスでは、アプリから投稿を削除できません。LinkedIn で削除してください： { $link }
linkedin-figures-not-given = LinkedIn は、このアプリの LinkedIn 製品では投稿の数値を提供していません。ゼロではなく不明です。LinkedIn の各投稿の下で確認できます。

## 接続の解除
notice-revoke-unconfirmed-linkedin = @{ $handle } の接続を解除し、こちらのトークンはもう使われませんが、無効になったという LinkedIn の確認が取れませんでした。LinkedIn の「設定とプライバシー」→「データプライバシー」→「許可されているサービス」で Socrazi を削除してください。

## 運営者の準備
setup-linkedin-app = linkedin.com/developers でアプリを作ります。LinkedIn ページが必要です。
setup-linkedin-products = プロダクト「Share on LinkedIn」と「Sign In with LinkedIn using OpenID Connect」を加えます。
setup-linkedin-keys = linkedin.client_id と linkedin.client_secret に、アプリの Auth ページの値を設定します。
setup-linkedin-self-serve = セルフサービスの2つのプロダクトでは、メンバーとして投稿できますが、読み取りはできません。数値は得られず、応答が失われたときはご本人に確認し、60日ごとに全員が接続し直します。
setup-linkedin-partners = 読み取りと、本人に求めない更新は、承認されたパートナーだけのものです。その権限は linkedin.scopes に書きます。
