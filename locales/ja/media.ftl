# 取り込む画像と動画。
media-kind-wrong = 投稿に使えないファイルです（{ $given }）。JPEG・PNG・GIF・WebP の画像、MP4・MOV・WebM の動画、または PDF（LinkedIn 用）を送ってください。
media-broken = ファイルが壊れているか、拡張子と中身が違います。保存し直してから送ってください。
media-too-large = ファイルが { $max } を超えています。小さくしてください。
media-pixels = 画像が { $size } ピクセルあり、合計{ $max }百万画素の上限を超えています。小さくしてください。
media-alt-too-long = 説明が{ $max }文字を超えています。短くしてください。
media-not-found = メディア { $id } は見つかりません。attach_media で取り込めます。
media-not-found-for-people = その画像や動画は見つかりません。もう一度取り込んでください。
media-url-wrong = { $url } は取得できません。ユーザー名を含まない公開の https アドレスだけを取得します。手元のファイルには upload: true を使ってください。
media-url-too-large = アドレスの先のファイルが { $max } を超えています。大きなファイルには upload: true を使ってください。
media-url-failed = { $url } から取得できませんでした（{ $why ->
    [status] HTTP { $status } が返りました
    [redirects] 転送が多すぎます
    [large] ファイルが大きすぎます
    [kind] 種類が対応していません
    [address] 公開されている https のアドレスではありません
   *[unreachable] 接続できません
}）。アドレスを確かめるか、upload: true を使ってください。
media-file-wrong = { $path } は取り込めるファイルではありません。このコンピューターにある、利用者が読める画像・動画・PDF を、完全なパスか「~/」で始まるパスで指定してください。フォルダー・デバイス・空のファイルは使えません。
media-file-elsewhere = パスで指定したファイルを取り込めるのは、本人のコンピューターで動くクライアント（stdio 接続）だけです。手元のファイルには upload: true を使ってください。
media-stored = { $id } として保存しました（{ $mime }、{ $size }）。セグメントの media に指定してください。
media-not-kept = ファイルを保存できませんでした。保管先が今は受け付けていません。しばらくしてからもう一度送ってください。理由はこのサーバーのログに記録されています。
media-dry-run = 引数に問題はありません。何も取得していません。
media-used = { $count }件の下書きや投稿で使われています。先にそれらを削除してください。下書きの以前の版で使われている場合も含みます。
media-kept = { $id } は残っています。確認の後で、どこかで使われるようになったためです。
media-here = { $count ->
    [0] 画像・動画・文書はまだありません。
   *[other] { $count }件あります（新しい順）。もう一度使うには、その id をセグメントの media に指定してください。さらに古いものは、最後の id を media に指定して list を使うと見られます。
}
media-title = 画像・動画・文書
media-note = 投稿のために取り込んだものです。削除するまで残ります。投稿で使われているものは、その投稿を削除するまで消えません。
media-none = まだ何も取り込んでいません。アシスタントにアップロード用のリンクを頼むか、会話にファイルを送ってください。
media-uses = { $count ->
    [0] どこにも使われていません
   *[other] { $count }件の下書きや投稿で使用
}
media-open = 見る
media-delete = 完全に削除
media-older = さらに前のもの

upload-link = このリンクを本人に渡してください： { $url } ファイルはそこで選べます（1件 { $max } MiB まで、全部で10件、30分以内）。その後 upload_id { $id } で attach_media を呼んでください。
upload-nothing-yet = まだ届いていません。本人が送ったと言ってから、もう一度確認してください。
upload-nothing-over = 何も届かないままリンクの期限が切れました。upload: true で新しいリンクを作ってください。
upload-arrived = { $count }件届きました： { $ids }。セグメントの media に指定してください。
upload-not-found = このアップロード用リンクは無いか、期限が切れています。新しいリンクを作ってもらってください。
upload-full = このリンクではすでに{ $max }件受け取りました。新しいリンクを作ってもらってください。
upload-no-file = ファイルが選ばれていません。選んでからもう一度送ってください。
upload-cut = ファイルが最後まで届きませんでした。もう一度送ってください。
upload-too-large-together = 合計が大きすぎます。1件ずつ送ってください。
upload-offset = ファイルの続きは { $at } バイト目からです。現在の位置を確認し、そこから送ってください。
upload-beyond = 予告された { $max } バイトを超えて届きました。今回送られた分は保存していません。
upload-length = ファイルの長さまたは送る位置（Upload-Length、Upload-Offset）が整数で指定されていません。
upload-title = 画像・動画・PDF を送る
upload-lead = ここで選んで送ってください。その後は会話に戻れば、もう使えるようになっています。
upload-here = 届いたもの：
upload-alt = 見えない方のための説明（任意）
upload-file = ファイル
upload-send = 送る
upload-private = 画像と動画からは、場所・機器・日時の情報を保存の前に取り除きます。PDF は、作成者などの情報も含めてそのまま保存します。
upload-until = このリンクの期限：

# そのままでは受け付けられない画像。
picture-made-type = { $network } では { $mime } 形式を使えません。画像 { $media } は、この画像から作った JPEG（最大 { $made } ピクセル）で送ります。透明な部分は白になり、アニメーションは最初のコマだけになります。
picture-made-size = 画像 { $media } の大きさは { $size } ピクセルで、{ $network } の上限を超えています。{ $made } に縮小した JPEG を作って送ります。
picture-made-bytes = 画像 { $media } は { $megabytes } MB で、{ $network } の上限 { $max } MB を超えています。この画像から作った小さい JPEG（最大 { $made } ピクセル）を送ります。
picture-unreadable = 画像 { $media } から { $network } 用の JPEG を作れませんでした。読み取れないか、大きすぎて処理できません。JPEG で保存し直して差し替えてください。

# 動画の形式。
film-codec = 動画 { $media } は { $codec } 形式ですが、{ $network } で使えるのは { $codecs } です。H.264 で書き出し直してください。
film-fps = 動画 { $media } は毎秒 { $fps } コマで、{ $network } で使えるのは { $min }～{ $max } コマです。30 コマで書き出し直してください。
film-index = { $network } では索引が先頭にある動画しか使えませんが、{ $media } の索引は末尾にあります。索引を先頭に移して送ります。ほかは変わりません。
