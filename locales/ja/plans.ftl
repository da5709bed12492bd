# 繰り返し、投稿枠、一時停止、重複、翌日までの予行。

recurrence = { $rule }（全{ $times }回、最後は { $last }）。{ $late }
recurrence-every = { $every ->
    [daily] { $interval ->
        [1] 毎日
       *[other] { $interval }日ごと
    }
    [weekly] { $interval ->
        [1] 毎週
       *[other] { $interval }週間ごと
    }
    [monthly] { $interval ->
        [1] 毎月
       *[other] { $interval }か月ごと
    }
   *[yearly] { $interval ->
        [1] 毎年
       *[other] { $interval }年ごと
    }
}
time-rule-on = { $base }（{ $days }）
recurrence-comma = ・
recurrence-nth-day = 第{ $no }{ $day }曜
recurrence-last-day = 最終{ $day }曜
recurrence-month-day = { $day }日
recurrence-month-end = 月末
recurrence-catch-up-skip = 公開できないうちに過ぎた回は見送ります。
recurrence-catch-up-latest = 公開できないうちに過ぎた回は、最後の1回だけ遅れて公開します。
recurrence-catch-up-ask = 公開できないうちに過ぎた回は、1件ずつ確認します。
recurrence-unreadable = 「{ $rule }」は繰り返しの規則として読めません。FREQ=WEEKLY;BYDAY=MO,TH;COUNT=8 のような RFC 5545 の規則を、COUNT か UNTIL のどちらか一方を付けて指定してください。時刻は最初の投稿と同じになります。
recurrence-too-often = 繰り返しは1日1回までです。FREQ=DAILY、WEEKLY、MONTHLY、YEARLY のいずれかを使ってください。
recurrence-too-many = { $most }回を超えています。COUNT を小さくするか、UNTIL を早めてください。
recurrence-far = その規則は2年を超えて続きます。COUNT を小さくするか、UNTIL を早めてください。
recurrence-never = 「{ $rule }」は、指定された最初の日時より後に一度も来ません。曜日や終わりをご確認ください。

slots-unreadable = 「{ $given }」は投稿枠として読めません。1行ごとに曜日、続けて時刻を書いてください（例：月、水 9:00 18:30）。
slots-too-many = 投稿枠が週{ $most }件を超えています。減らしてください。
slots-none = 投稿枠がまだ設定されていないため、次の空き枠を選べません。ご本人が設定ページで登録するまでは、日時を指定してください。
slots-full = 今後半年の投稿枠はすべて埋まっています。日時を指定するか、設定ページで投稿枠を増やしてください。

twice-alike = @{ $handle } では { $at } にもほぼ同じ内容の投稿があります（{ $post }）。
twice-link = @{ $handle } では同じ日の { $at } にも同じリンクの投稿があります：{ $link }（{ $post }）。
twice-minute = @{ $handle } では同じ分（{ $at }）に別の投稿があります（{ $post }）。

limits-wrong-number = 1日の投稿数は0から1,000までの数で指定してください。
limits-wrong-hours = 自動で公開しない時間帯は 22:00 と 07:00 のように異なる2つの時刻を指定するか、両方とも空にしてください。

resume-ask = 1件ずつ確認する
resume-skip = 見送る
resume-shift = 停止していた時間だけ、すべて後ろにずらす
place-held-up = 停止中に公開の時刻を過ぎた投稿が{ $count }件あります。どうしますか？
approval-act-again = すでに公開済みの { $accounts } で、もう一度公開する
approval-cost-each = 1回につき { $each }、合計 { $all }
approval-every = 繰り返し：
approval-every-all = すべての日時
delivery-reason-skipped = 公開できないうちに時刻を過ぎたため、見送りました。

settings-slots = 投稿枠
settings-slots-means = 投稿したい曜日と時刻（ご自分のタイムゾーン）。「次の空き枠」は、空いている最初の枠を選びます。1行ごとに曜日と時刻を書いてください。
settings-links = 投稿内のリンク
settings-links-means = Google Analytics のアカウントを接続していると、新しい下書きのリンクに、どの SNS のどの投稿からの訪問かを示すタグ（utm_source、utm_medium、utm_campaign、utm_content）が付きます。タグは下書きに表示され、承認する内容に含まれ、変更も削除もできます。すでにタグのあるリンクはそのままです。
settings-links-tagged = 新しい下書きのリンクにタグを付ける
settings-limits = 事前許可の上限
settings-limits-means = 上限を超える分は、許可がない場合と同じように確認します。数を書かなければ24時間に20件です。
settings-limits-none = 確認なしで公開や予約ができる許可はないため、上限を設ける対象はありません。
settings-limits-posts = 24時間の投稿数
settings-limits-from = 自動で公開しない時間帯：開始
settings-limits-until = 終了

settle-half = { $of }件中{ $done }件が公開されています。残りを公開しますか、公開済みの分を削除しますか、それともこのままにしますか？
settle-rest = 残りを公開する
settle-leave = このままにする
post-again = もう一度公開する
post-again-means = すでに公開済みです。実際に公開する前に、内容をもう一度確認できます。
delivery-reason-left = このままにすると決めました。
delivery-reason-person-rest = 残りの公開を指示しました。
notice-unapproved-soon = @{ $handle } の編集した投稿は、承認待ちのため、このままでは公開されません。

post-more-to-come = このあとさらに{ $count }回公開予定

notice-rehearsal = 今後24時間の投稿：準備完了{ $ready }件、対応が必要{ $needs }件。
rehearsal-scope = このアカウントは「{ $scope }」の許可なしで接続されています。接続し直して許可しないと、この投稿は公開できません。
rehearsal-media = この投稿の画像または動画（{ $id }）を読み込めなくなっています。公開の時刻までに添付し直してください。
rehearsal-allowance = { $network } が 24 時間に @{ $handle } から受け付ける投稿数には上限があり、先に公開される投稿で使い切ります。この投稿は翌日まで待つことになるかもしれません。時刻を変えるか、ほかの投稿を減らしてください。
