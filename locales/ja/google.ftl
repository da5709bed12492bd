# Google アカウントとレポート。キー: google-thing-case、report-thing-case。

## 接続
google-not-allowed = その Google アカウントの管理者が許可していません。何も接続していません。
google-nothing-granted = 何も許可されなかったため、接続していません。もう一度始めて、Google の画面で少なくとも1つの権限にチェックを入れてください。
google-no-feature = Google Analytics、Search Console、YouTube のうち少なくとも1つを選んでください。
google-act-disconnect = Google アカウント { $email } の接続を解除する
google-health-fine = 接続済みです。
google-health-ends = { $at }まで接続されています。その時点で Google が接続を終わらせます。それまでに接続し直してください。
google-health-ended = もう一度接続が必要です：{ $why ->
    [expired] Google での期限が切れました（テスト中のアプリは7日間です）
   *[other] Google がこちらのアクセスを受け付けなくなりました
}。
google-health-missing = 接続済みですが、足りない権限があります。
google-health-reconnect = もう一度接続が必要です。
google-reconnect = Google アカウント { $email } はもう一度接続が必要です。Google がこちらのアクセスを受け付けなくなりました。connect_account（network は google）でリンクを出せます。
google-reconnect-for-people = Google アカウント { $email } はもう一度接続が必要です。Google がこちらのアクセスを受け付けなくなりました。
google-permission-missing = Google アカウント { $email } では、まだ { $feature } を読む許可がありません。connect_account（network は google）でリンクを出せます。ほかはそのままです。
google-permission-missing-for-people = Google アカウント { $email } では、まだ { $feature } を読む許可がありません。アカウントのページで接続し直し、その権限にチェックを入れてください。ほかはそのままです。
google-none-connected = { $feature } を読める Google アカウントが接続されていません。connect_account（network は google）で、ご本人が開くリンクを出せます。
google-none-connected-for-people = { $feature } を読める Google アカウントが接続されていません。アカウントのページで接続してください。
google-api-off = このサーバーの Google Cloud プロジェクトで { $feature } の API が有効になっていません。運営者が有効にする必要があります。
google-quota-day = { $feature } の Google の割り当てを使い切りました。多くは15分ほどで戻りますが、1日分の場合はカリフォルニアの午前0時まで戻りません。以前に尋ねたことには、引き続きお答えできます。
google-quota-hour = { $feature } の Google の割り当てを一時的に使い切りました。数分後、遅くとも1時間後にもう一度お試しください。以前に尋ねたことには、引き続きお答えできます。
google-quota-until = { $feature } には問い合わせていません。Google の割り当て（{ $limit ->
    [tokens-day] 今日のトークン
    [tokens-hour] この1時間のトークン
    [project-hour] このサーバーのこの1時間のトークン
    [errors-hour] この1時間のサーバーエラー
    [persons-hour] この1時間の人に関する質問
    [inspections-day] 今日検査できるページ
    [inspections-minute] この1分間に検査できるページ
    [units-day] 今日の YouTube ユニット
    [video-reports] 今日の YouTube レポート
   *[load] 負荷の高い質問
 }）を使い切りました。{ $at }に戻ります。以前に尋ねたことには、引き続きお答えできます。
google-quota-left = 残り{ $left } / { $most }（{ $limit ->
    [tokens-day] 今日のトークン
    [tokens-hour] この1時間のトークン
    [project-hour] このサーバーのこの1時間のトークン
    [errors-hour] この1時間のサーバーエラー
    [persons-hour] この1時間の人に関する質問
    [inspections-day] 今日検査できるページ
    [inspections-minute] この1分間に検査できるページ
    [units-day] 今日の YouTube ユニット
    [video-reports] 今日の YouTube レポート
   *[load] 負荷の高い質問
 }、{ $at }まで）
google-no-access = { $feature } によると、{ $email } には閲覧権限がないか、対象がもうありません。
google-quota-title = Google の割り当ての残り
google-not-understood = { $feature } はこの質問を受け付けません: { $why }
google-unavailable = { $feature } から今は応答がありません。あとでもう一度お試しください。
notice-google-ended = Google アカウント { $email } は、もう一度接続が必要です：{ $why ->
    [expired] Google での期限が切れました（テスト中のアプリは7日間です）
   *[other] Google がこちらのアクセスを受け付けなくなりました
}。それまでレポートは止まります。
notice-google-ends-soon = { $email } へのアクセスは { $days } 日以内に Google が終わらせます。接続し直してください（Google でテスト中のアプリは7日間です。運営者がアプリを公開すると、この期限はなくなります）。
google-answer-large = { $feature } の回答が大きすぎます。期間を短くするか、条件を付けてください。
notice-google-reconnect = Google アカウント { $email } はもう一度接続が必要です。Google がこちらのアクセスを受け付けなくなりました。それまでレポートは止まります。
notice-google-disconnected = { $email } の接続を解除し、それを通して読んだものはここからすべて削除しました。{ $revoked ->
    [yes] Google は、こちらのアクセスの終了を確認しました
    [later] Google からはまだアクセス終了の確認がありません。1日の間もう一度求め、それに必要なものだけを暗号化して保管します。ご自身で myaccount.google.com/permissions から終了することもできます
   *[no] Google からは、アクセス終了の確認がありませんでした。myaccount.google.com/permissions を開いて、アクセス権を削除してください
}。
notice-google-revoke-confirmed = Google が、{ $email } へのこちらのアクセスの終了を確認しました。そちらでの操作は必要ありません。

## 質問
report-source-none = この Google アカウントから見える { $feature } のプロパティ、サイト、チャンネルがありません。
report-source-choose = { $feature } のどのプロパティ（サイト、チャンネル）か決められません。1つ指定してください: { $choices }。ご本人はアカウントのページで既定のものを選べます。
report-source-choose-for-people = { $feature } のどのプロパティ（サイト、チャンネル）か決められません。アカウントのページの「プロパティ、サイト、チャンネル」で既定のものを選ぶか、1つ指定してください: { $choices }。
report-name-unknown = 「{ $given }」という{ $kind ->
    [metric] 指標
   *[dimension] ディメンション
}はありません。最も近いのは { $nearest } です。
report-name-blocked = このアカウントでは { $given } を表示できません（{ $why }）。これを除いて尋ねるか、プロパティの管理者に許可を依頼してください。
report-columns-apart = { $one } は { $other ->
    [realtime] リアルタイムのレポート
    [view] このレポート
    [discover] Discover の数値
   *[other] { $other }
} と組み合わせられません。{ $instead } をお試しください。
report-compare-unaligned = { $name } ごとでは { $now } と { $before } の区切りが合わないため、並べて比べられません。{ $instead } を使ってください。
report-too-many-columns = 1つのレポートに入るのは、ディメンション { $dimensions } 個、指標 { $metrics } 個までです。
report-too-many-filters = 1つのレポートに入る条件は { $max } 個までです。
report-filter-wrong = 「{ $given }」はここでは条件になりません。条件は country = Japan、page contains /blog、sessions > 100 のように書きます。
report-country-wrong = 国「{ $given }」がわかりません。jpn や usa のような3文字のコードで指定してください。
report-period-wrong = 期間「{ $given }」を読み取れません。先週、過去28日間、2026年10月、2026-10-01..2026-10-07 のように書いてください。比較には 前の期間、前年同期、または別の期間を使えます。
report-realtime-period = リアルタイムの表示は直近30分のものです。期間と比較は指定しないでください。
report-changes-compare = 「変化」の表示は、各日をそれまでの数週間と比べます。比較は指定しないでください。
report-changes-long = 変化を探すには期間が長すぎます。もっと短い期間を指定してください。
report-cursor-wrong = この続きの印は別の質問のものか、その後に数値が変わりました。印なしでもう一度お尋ねください。
report-urls-count = ページのアドレスを1〜{ $max }件指定してください。
report-list-waiting = { $count }ページのうち{ $asked }ページを確認しました。残りは{ $at }から自動で続き、next_cursor で一覧をもう一度読めます。
report-list-gone = そのページの一覧はもうありません。アドレスを指定してもう一度お試しください。
report-urls-posts-none = 直近90日間の投稿に { $site } へのリンクはありません。
report-url-wrong = 「{ $given }」はページのアドレスではありません。http:// か https:// で始まる必要があります。
report-video-wrong = 「{ $given }」は動画として読み取れません。動画のID（11文字）か YouTube のアドレスを指定してください。
report-video-needed = 視聴維持率は動画ごとの数値です。video で動画を1つ指定してください。IDは videos の表示で確認できます。

## 数値に添える注意
report-caveat-moving = 直近の数日はまだ変わります。Google Analytics の集計には24〜48時間かかります。
report-caveat-incomplete = { $day } 以降の数値はまだ確定していません。
report-caveat-behind = 直近2〜3日の数値は、未確定か、まだありません。
report-caveat-told-until = 数値があるのは{ $day }までです。それより後の日はまだ何もわかりません（0ではありません）。
report-caveat-not-yet = この期間について Google はまだ何も示していません。空欄は0ではなく、不明です。
report-caveat-empty-reason = Google は行を示していません。理由:「{ $reason }」。空欄は0ではなく、不明です。
report-caveat-unfinished = 直近の日はまだ終わっていないか、集計が済んでいません。比較した日は済んでいます。両方とも済んだ日で比べるには、{ $period } を { $other } と比べてください。
report-caveat-unequal = { $now }日間を{ $before }日間と比べています。同じ日数で比べるには、{ $period } を { $other } と比べてください。
report-caveat-zone = このプロパティのタイムゾーンがわからないため、{ $zone } の日付で数えています。
report-caveat-gone = 比較した期間にだけあった行が{ $count }行あり、末尾に並べています。比較の指定の後に「減少順」と付けると、最も減ったものから並びます。
report-caveat-sampled = サンプルからの集計です（イベントの { $percent } %）。
report-caveat-thresholded = 個人がわかるおそれのある行を Google が除いているため、行の合計は実際より小さくなります。
report-caveat-demographic = 年齢、性別、興味関心は、一部の訪問者についてしかわかりません。
report-caveat-few-viewers = YouTube は年齢と性別を示していません。それがわかる視聴者が少なすぎるか、いません。
report-caveat-other = まれな値は「（other）」という行にまとめられています。
report-caveat-cut = Google がこのレポートの一部を省いています。
report-caveat-restricted = この Google アカウントでは見られないもの: { $metrics }。
report-caveat-users = ユーザー数は推定値で、同じ人が複数の行に入ることがあります。行を足しても合計にはなりません。
report-caveat-quota = Google の割り当てが残りわずかです。{ $most }のうち{ $left }（{ $limit ->
    [tokens-day] 今日のトークン
    [tokens-hour] この1時間のトークン
    [project-hour] このサーバーのこの1時間のトークン
    [errors-hour] この1時間のサーバーエラー
    [persons-hour] この1時間の人に関する質問
    [inspections-day] 今日検査できるページ
    [inspections-minute] この1分間に検査できるページ
    [units-day] 今日の YouTube ユニット
    [video-reports] 今日の YouTube レポート
   *[load] 負荷の高い質問
 }、{ $at }まで）。
report-caveat-history = Search Console に残るのは { $months } か月分です。それより前はありません。
report-caveat-before-cut = 比較した期間は大きい行だけを見ています。以前の数値がない行があります。
report-caveat-anonymous = 行に含まれるクリックは { $of } 件中 { $named } 件です。まれなクエリは Google が明かしません。
report-changes-how = 判定の方法: { $last }までの各日を、それまでの{ $weeks }週間の同じ曜日と比べました。中央値から「散らばり」の{ $spreads }倍以上、かつ{ $apart }以上離れている日を普段と違う日とします。散らばりは、それらの週と中央値との差の中央値を1.4826倍したもの（中央値の平方根を下回らない）です。全体と、大きいほうから{ $parts }個の値を調べました。変化があったことを示すもので、理由を示すものではありません。
report-changes-short = 数値があるのは{ $since }以降だけです。比べられる週が4週以上ある日だけを判定するため、最初のほうの日は含まれません。
report-changes-none = この基準で普段と違う日はありません。

## ページ
google-connect = Google を接続する
google-connect-ask = Socrazi に読ませるものを選んでください。あとから追加でき、いつでも取り消せます。
google-connect-go = Google へ進む
google-connect-means = 読み取りだけで、Google 側は何も変わりません。結果はあなた専用の鍵で暗号化して最長90日（YouTube は30日）だけ保存し、接続を解除すると消えます。次に Google の画面が開きます。そこでチェックを外したものは読みません。
google-analytics-about = 訪問、ユーザー、流入元、ページ、イベント
google-search-about = 検索語句、クリック、表示回数、掲載順位、インデックス
google-videos-about = 視聴回数、総再生時間、視聴者層、流入元、視聴維持率
google-sources = プロパティ、サイト、チャンネル
google-sources-means = 種類ごとに1つ、指定がないときに使うものを選べます。自分の呼び名も付けられます。
google-sources-none = この Google アカウントから見えるものがないか、今は確認できませんでした。
google-sources-more = 表示していない件数:
google-source-called = 呼び名
google-source-choose = これを使う
google-source-chosen = 指定がないときは、これを使います。
google-look = もう一度確認する
google-add = 権限を追加する
google-left-out = Google の画面で許可されなかったもの:
google-feature-granted = 読み取りできます
google-feature-missing = 権限がありません。接続し直してください
google-feature-unasked = まだ許可を求めていません
google-disconnect-means = こちらのアクセスは直ちに使われなくなり、それを通じて読んだものはここからすぐにすべて削除されます。Google 側では、このアカウントに対するこのサーバーの許可がすべて終わります。そのアカウントで接続した YouTube チャンネルは接続し直す必要があり、予約した投稿はそれまで待ちます。

report-none-connected = まだ Google アカウントが接続されていません。接続すると、訪問や検索の状況がここに表示されます。
report-source = 対象
report-view = 内容
report-period = 期間
report-compare = 比較
report-show = 表示する
report-more = 次の行
report-nothing = この質問に当てはまるデータはありません。
report-before = 以前
report-posts-chart = 新しい投稿の{ $figure }
report-posts-chart-days = 日ごとの公開数
report-posts-chart-unknown = 数値が分からない投稿{ $count }件は含めていません。
report-days = { $first } から { $last } まで（{ $zone }）
report-days-compared = 比較: { $first } から { $last } まで
report-days-now = 直近30分
report-compare-none = 比較しない
report-compare-previous = 前の期間
report-compare-year = 前年の同じ日
report-compare-weekdays = 前年の同じ曜日
report-period-days-7 = 過去7日間
report-period-days-28 = 過去28日間
report-period-week = 先週
report-period-month = 先月
report-period-this-month = 今月
report-period-quarter = 前四半期
report-period-year = 昨年
report-badge-fresh = 未確定
report-badge-sampled = サンプル集計
report-badge-thresholded = 一部非表示
report-badge-cut = 一部のみ
report-view-overview = 概要
report-view-days = 日別
report-view-sources = 流入元
report-view-pages = ページ
report-view-landing-pages = 最初に見られたページ
report-view-countries = 国
report-view-devices = デバイス
report-view-events = イベント
report-view-audience = 年齢と性別
report-view-realtime = 現在
report-view-changes = 変化
report-view-queries = 検索語句
report-view-appearance = 検索での見え方
report-view-videos = 動画
report-view-searches = YouTube での検索語句
report-view-formats = ショート、動画、ライブ
report-name-sessions = 訪問数
report-name-activeUsers = ユーザー数
report-name-newUsers = 新規ユーザー
report-name-totalUsers = 総ユーザー数
report-name-screenPageViews = ページ閲覧数
report-name-engagementRate = エンゲージメント率
report-name-bounceRate = 直帰率
report-name-averageSessionDuration = 平均滞在時間
report-name-keyEvents = キーイベント
report-name-eventCount = イベント数
report-name-userEngagementDuration = 閲覧時間
report-name-totalRevenue = 収益
report-name-transactions = 購入数
report-name-clicks = クリック
report-name-impressions = 表示回数
report-name-ctr = クリック率
report-name-position = 掲載順位
report-name-date = 日付
report-name-sessionDefaultChannelGroup = 流入経路
report-name-sessionSourceMedium = 流入元
report-name-pagePath = ページ
report-name-landingPage = 最初のページ
report-name-country = 国
report-name-deviceCategory = デバイス
report-name-eventName = イベント
report-name-userAgeBracket = 年齢
report-name-userGender = 性別
report-name-query = 検索語句
report-name-page = ページ
report-name-device = デバイス
report-name-searchAppearance = 検索での見え方
report-name-expected = 普段
report-name-spreads = 散らばりの何倍か
report-name-views = 視聴回数
report-name-estimatedMinutesWatched = 総再生時間（分）
report-name-averageViewDuration = 平均視聴時間
report-name-averageViewPercentage = 平均視聴率
report-name-likes = 高評価
report-name-comments = コメント
report-name-shares = 共有
report-name-subscribersGained = 登録者の増加
report-name-subscribersLost = 登録者の減少
report-name-video = 動画
report-name-title = タイトル
report-name-deviceType = デバイス
report-name-insightTrafficSourceType = 流入元
report-name-insightTrafficSourceDetail = 検索語句
report-name-creatorContentType = 形式
report-name-ageGroup = 年齢
report-name-gender = 性別
report-name-viewerPercentage = 視聴者の割合
report-name-elapsedVideoTimeRatio = 動画内の位置
report-name-audienceWatchRatio = 視聴維持率
report-name-relativeRetentionPerformance = 同じ長さの動画との比較

## When to post
times-title = 投稿に向いた時間
times-picture = 曜日と時間帯ごとの訪問数
times-how-posts = 直近{ $days }日間の、リンクにタグの付いたご自身の投稿{ $count }件に基づきます（最近3日間の投稿は含みません）。投稿ごとのサイト訪問数を、曜日と3時間ごとに集計しました。1件の当たりで決まらないよう、各時間帯に平均的な投稿（1件あたり{ $average }回）が{ $pull }件あるとみなして平均に近づけています。
times-how-views = 直近{ $days }日間のご自身の投稿{ $count }件について、SNS が数えた数値に基づきます。アカウントごとの普段の値の何倍かを、曜日と3時間ごとに集計しました。比べるのは同じ時点（1週間後、3日後、1日後のいずれか）の表示回数で、それが足りなければ「いいね」の数です。1件の当たりで決まらないよう、各時間帯に平均的な投稿が{ $pull }件あるとみなして平均に近づけています。
times-how-views-few = SNS の数値で比べられるご自身の投稿は{ $count }件です（{ $min }件必要）。
times-how-networks = 直近{ $weeks }週間に SNS から来た訪問{ $count }回を曜日と時間帯ごとに集計し、各曜日で、その後3時間の訪問が最も多くなる時刻を選びました。訪問の多い時間が投稿に最適とは限りませんが、リンクにタグの付いた投稿は{ $posts }件で、投稿から判断するには{ $min }件必要です。
times-how-visits = 直近{ $weeks }週間の全訪問{ $count }回を曜日と時間帯ごとに集計し、各曜日で、その後3時間の訪問が最も多くなる時刻を選びました。SNS からの訪問だけでは少なすぎ、リンクにタグの付いた投稿も{ $posts }件（{ $min }件必要）で判断できません。
times-how-prior = ご自身の結果ではなく、一般的な目安です（平日の朝、昼、夕方）。判断するには材料が足りません: リンクにタグの付いた投稿{ $posts }件（{ $min }件必要）、訪問{ $visits }回（{ $visits_min }回必要）。
times-shifted = Google の集計は { $from } の時刻です。ここでは { $zone } の時刻で示しています。
times-withheld = Google アカウントの数値はここでは表示できないため、調べていません。
times-why-posts = 投稿{ $count }件、1件あたり訪問{ $seen }回（調整後{ $estimate }回）
times-why-views = 投稿{ $count }件、普段の{ $seen }倍（調整後{ $estimate }倍）
times-why-visits = この時刻から3時間の訪問が週に{ $seen }回
times-why-prior = 一般的な目安

## What came of posts
google-withheld = Google アカウントの数値は、ここでは表示できません。
outcomes-how = 訪問数は、投稿のリンクに付いたタグをもとに Google Analytics が数えたものです。キーイベントはその訪問の中で起きたものです。検索クリックは、選択中のサイトのうち投稿のリンク先のページへの、Google 検索からのクリックすべてで、検索のきっかけは問いません。空欄は0ではなく、不明です。
outcomes-untagged = この期間の投稿のうち{ $count }件はリンクにタグがなく、成果はわかりません。
outcomes-rows-cut = Google Analytics が数えた投稿の行のうち、大きい{ $count }行だけを見ています。空欄は0ではなく、不明です。
outcomes-posts-cut = この期間に公開された投稿が多く、一部はここにありません。期間を短くしてください。
outcomes-winner = { $network } の { $post } は訪問{ $visits }回で、この期間の同じアカウントのタグ付きの投稿（3日以上たったもの）{ $count }件の中央値（{ $median }回）の{ $times }倍です。
outcomes-winner-alone = { $network } の { $post } は訪問{ $visits }回で、この期間の同じアカウントのタグ付きの投稿（3日以上たったもの）{ $count }件の中央値は{ $median }回です。
outcomes-winner-next = この投稿に続く下書きを3つ提案してください: 残った疑問に答えるもの、別の読者に向けたもの、その後どうなったかを伝えるもの。

## The week
weekly-title = この1週間の数値
weekly-next = 次にすること3つ
weekly-look = 数値を見る
weekly-visits = 訪問数（{ $first }〜{ $last }）: { $now }（前の週は{ $before }、{ $percent }）
weekly-key-events = キーイベント（{ $first }〜{ $last }）: { $now }（前の週は{ $before }、{ $percent }）
weekly-clicks = Google 検索からのクリック（{ $first }〜{ $last }）: { $now }（前の週は{ $before }、{ $percent }）
weekly-views = YouTube の視聴回数（{ $first }〜{ $last }）: { $now }（前の週は{ $before }、{ $percent }）
weekly-do-attention = 確認が必要な投稿を見てください。予定どおりに出ていないものが{ $count }件あります。
weekly-do-most-seen = 「{ $text }」（{ $network }）に続く投稿を書きましょう。投稿から{ $hours }時間後の{ $measure ->
    [views] 表示回数
    [likes] いいね
    [comments] コメント
    [shares] 共有
    [saves] 保存
   *[clicks] クリック
}は{ $figure }で、このアカウントの投稿{ $count }件の中央値は{ $median }です。
weekly-do-winner = 「{ $text }」に続く投稿を書いてください。訪問は{ $visits }回で、直近28日間の同じアカウントのタグ付きの投稿{ $count }件の中央値（{ $median }回）の{ $times }倍です。
weekly-do-winner-alone = 「{ $text }」に続く投稿を書いてください。訪問は{ $visits }回で、直近28日間の同じアカウントのタグ付きの投稿{ $count }件の中央値は{ $median }回です。
weekly-do-changed-all = { $day }に何があったか確かめてください。訪問は全体で{ $figure }回で、普段は{ $usual }回です。
weekly-do-changed = { $day }に何があったか確かめてください。{ $what } の訪問は{ $figure }回で、普段は{ $usual }回です。
weekly-do-search = 「{ $query }」について書いてください。直近28日間に{ $shown }回表示され、掲載順位は{ $place }位、クリックは{ $clicks }回です。
weekly-do-nothing-scheduled = 投稿を計画してください。今後7日間の予約は0件です。
weekly-do-time = 次の投稿は{ $at }を試してください（{ $why }）。
weekly-do-drafts = 下書きを1つ仕上げてください。下書きは{ $count }件あります。
weekly-do-no-drafts = 次に書くことを書き留めてください。下書きは0件です。
weekly-do-look = 出る予定の投稿を見直してください。今後7日間に{ $count }件あります。
