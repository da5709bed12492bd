# 複数の投稿をまとめて承認する画面と、表から作る投稿計画。

approval-act-batch = { $count ->
    [1] 投稿計画の1件を予約する（{ $from }）
   *[other] { $from } から { $until } までの投稿{ $count }件を予約する
}
approval-act-batch-now = 投稿{ $count }件を今すぐ公開する

batch-exactly = チェックの付いた投稿は、承認するとこのまま公開されます。チェックを外した投稿は下書きのまま残ります。
batch-approve-ticked = チェックした投稿を承認する
batch-approve-all = { $count }件すべて承認する
batch-approve-but = 一部を除いて承認…
batch-choose-title = 一部を除いて承認
batch-choose-label = 除く投稿の番号
batch-choose-hint = 例：3、7-9
batch-choose-submit = 残りを承認する
batch-read-first = ここには全文を表示しきれないため、ページで確認してから決めてください。
batch-open = すべて確認・選択・編集する
batch-tick-all = すべてチェックする
batch-tick-none = すべてのチェックを外す
batch-edit = 編集
batch-renew = 現在の内容で確認し直す
batch-renew-means = この確認のあとで、編集または取り下げられた投稿があります。現在の内容で、あらためて確認できます。
batch-ready = { $count }件を、依頼された内容のとおりに予約できます。
batch-more = …ほか{ $count }件はページで確認できます。
batch-warnings = 注意点{ $count }件
batch-result = 予約済み{ $scheduled }件、除外{ $left }件、予約できなかったもの{ $refused }件。
batch-item-scheduled = 予約しました。
batch-item-left = 除外しました。下書きのまま残っています。
batch-item-edited = この確認のあとで編集されたため、この確認には含まれません。現在の内容であらためて確認するか、単独で予約してください。
batch-item-withdrawn = 取り下げられたため、この確認には含まれません。
batch-item-asked-anew = この投稿には新しい確認があります。そちらで回答してください。
batch-item-changed = 直前に変更されたため、予約しませんでした。もう一度予約してください。
batch-nothing-chosen = チェックの付いた投稿がないため、承認するものがありません。1件以上チェックするか、「承認しない」を選んでください。
batch-number-wrong = 「{ $given }」は一覧にない番号です。1から{ $max }までの番号を指定できます（「3、7-9」のようにも書けます）。
batch-empty = この計画には投稿がありません。
batch-too-many = 投稿{ $count }件は一度に確認できる上限（{ $max }件）を超えています。分けて確認してください。
batch-too-many-deliveries = これらの投稿は合計{ $count }回公開されることになり、一度に確認できる上限（{ $max }回）を超えています。分けて確認してください。
batch-post-twice = 投稿 { $id } が計画に2回入っています。同じ投稿は1回だけ入れられます。

sheet-too-large = 表が{ $max } MiBを超えています。いくつかに分けてください。
sheet-encoding = 表として読み取れません。UTF-8のCSVで保存してください（Excelでは「CSV UTF-8」）。Shift_JISのCSVも使えます。
sheet-no-rows = 表に投稿の行がありません。1行目に列の名前、2行目からは1行に1件ずつ投稿を書いてください。
sheet-too-many-rows = 表の投稿が{ $max }件を超えています。いくつかに分けてください。
sheet-too-many-columns = 表の列が{ $max }列を超えています。列を減らしてください。
sheet-too-many-media = アドレスで指定された画像と動画が{ $max }件を超えています。表をいくつかに分けてください。
sheet-media-late = 時間内に取得できませんでした（1つの表のファイルは合わせて1時間までです）。このファイルだけ別に添付するか、表から外してください。
sheet-column-twice = 「{ $column }」の列が2つあります（別の名前で書かれている場合もあります）。1つにしてください。
sheet-no-text-column = 本文の列がありません。1行目に「本文」（X専用の本文なら「X」）という列を用意してください。
sheet-no-time-column = 日時の列がありません。1行目に「日付」と「時刻」、またはまとめて「日時」という列を用意してください。
sheet-row-cells = セルが{ $cells }個ありますが、列は{ $columns }列です。コンマを含む本文は、引用符（"）で囲んでください。
sheet-row-no-text = 本文がありません。入力してください。
sheet-row-no-time = 日付がありません。「2026-12-01 09:00」や「来週火曜の朝9時」のように、日付と時刻を書いてください。
sheet-row-two-times = 日時が2か所に書かれています。1つの列にまとめるか、日付と時刻の2列に分けてください。
sheet-row-no-account = { $network } 用の本文がありますが、{ $network } のアカウントが接続されていません。接続するか、その欄を空にしてください。
sheet-row-media = 「{ $given }」は、httpsのアドレスでも、画像や動画のIDでもありません。どちらかを入力するか、空にしてください。

plan-title = 表から投稿計画を作る
plan-lead = 1行に1件ずつ投稿を書いた表（CSV）から、下書きと1つの確認を作ります。承認するまで何も公開されません。
plan-columns = 列：日付と時刻（「日時」の1列でも、言葉でも可）、本文（「X」のような SNS 別の列も可）、アカウント、タイムゾーン、画像（httpsのアドレス）、代替テキスト。タイムゾーンのない時刻は、あなたのタイムゾーン（{ $zone }）として扱います。
plan-limits = 最大{ $rows }件、{ $size } MiBまで。文字コードはUTF-8またはShift_JIS、区切りはコンマ・セミコロン・タブ。
plan-template = ひな形をダウンロード
plan-file = 表（CSV）
plan-paste = または、ここに貼り付け
plan-skip = 間違いのある行を除いて、残りを取り込む
plan-send = 確認画面へ
plan-nothing = ファイルを選ぶか、表を貼り付けてください。
plan-faults = { $count }行が使えません。何も作成していません。直してから、もう一度表を取り込んでください。
plan-faults-skipped = 次の{ $count }行は除きました。
plan-row = { $no }行目：{ $why }
plan-rows-more = …ほか{ $count }行
plan-ignored = 読み取らない列：{ $columns }
plan-made = { $name } から下書きを{ $count }件作りました。まだ何も予約していません。内容を見て決めてください。
plan-page-made = 下書きを{ $count }件作りました。
plan-link = 表（CSV）から投稿計画を作る
deed-plan-import = 投稿計画から作成

edit-title = 編集
edit-text = { $account } の本文
edit-part = { $no }番目の投稿
edit-when = 日時
edit-when-hint = 2026-12-01 09:00（言葉でも可）
edit-save = 保存
edit-back = 変更せずに戻る

chat-batch-question = 承認しますか？「はい」「いいえ」、または除く番号（3、7-9）を入力してください。
chat-batch-left = 除外：{ $numbers }。同じ番号をもう一度入力すると元に戻ります。
chat-plan-missing = ファイル { $path } を読み取れません。
batch-item-not-chosen = { $network } では、公開範囲と表示内容を確かめたうえで投稿ごとに選ぶ必要があるため、一括の承認には含まれませんでした。まだ下書きのままです。もう一度予約し、ページでチェックを入れてください。
batch-choose-each = { $network } の投稿は 1 件ずつ選ぶ必要があります。公開範囲と表示内容を読んでから、チェックを入れてください。
batch-choose-alone = 投稿 { $numbers } は 1 件ずつ選ぶ必要のある SNS のものです。番号を入力するまで外しておきます。
