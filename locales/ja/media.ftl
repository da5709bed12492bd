# 取り込む画像と動画。
media-kind-wrong = 投稿に使えないファイルです（{ $given }）。JPEG・PNG・GIF・WebP の画像か、MP4・MOV の動画を送ってください。
media-broken = ファイルが壊れているか、拡張子と中身が違います。保存し直してから送ってください。
media-too-large = ファイルが { $max } を超えています。小さくしてください。
media-pixels = 画像が { $size } ピクセルあり、合計{ $max }百万画素の上限を超えています。小さくしてください。
media-alt-too-long = 説明が{ $max }文字を超えています。短くしてください。
media-not-found = メディア { $id } は見つかりません。attach_media で取り込めます。
media-url-wrong = { $url } は取得できません。ユーザー名を含まない公開の https アドレスだけを取得します。手元のファイルには upload: true を使ってください。
media-url-too-large = アドレスの先のファイルが { $max } を超えています。大きなファイルには upload: true を使ってください。
media-url-failed = { $url } から取得できませんでした（{ $why }）。アドレスを確かめるか、upload: true を使ってください。
media-stored = { $id } として保存しました（{ $mime }、{ $size }）。セグメントの media に指定してください。
media-dry-run = 引数に問題はありません。何も取得・保存していません。

upload-link = このリンクを本人に渡してください： { $url } ファイルはそこで選べます（1件 { $max } MiB まで、全部で10件、30分以内）。その後 upload_id { $id } で attach_media を呼んでください。
upload-nothing-yet = まだ届いていません。本人が送ったと言ってから、もう一度確認してください。
upload-nothing-over = 何も届かないままリンクの期限が切れました。upload: true で新しいリンクを作ってください。
upload-arrived = { $count }件届きました： { $ids }。セグメントの media に指定してください。
upload-not-found = このアップロード用リンクは無いか、期限が切れています。新しいリンクを作ってもらってください。
upload-full = このリンクではすでに{ $max }件受け取りました。新しいリンクを作ってもらってください。
upload-no-file = ファイルが選ばれていません。選んでからもう一度送ってください。
upload-cut = ファイルが最後まで届きませんでした。もう一度送ってください。
upload-title = 画像や動画を送る
upload-lead = ここで選んで送ってください。その後は会話に戻れば、もう使えるようになっています。
upload-here = 届いたもの：
upload-alt = 見えない方のための説明（任意）
upload-file = ファイル
upload-send = 送る
upload-private = 場所・機器・日時の情報は、保存の前に取り除きます。
