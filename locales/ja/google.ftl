# Google アカウントとレポート。キー: google-thing-case、report-thing-case。

## 接続
google-not-allowed = その Google アカウントの管理者が許可していません。何も接続していません。
google-nothing-granted = 何も許可されなかったため、接続していません。もう一度始めて、Google の画面で少なくとも1つの権限にチェックを入れてください。
google-no-feature = Google Analytics か Search Console の少なくとも一方を選んでください。
google-act-disconnect = Google アカウント { $email } の接続を解除する
google-health-fine = 接続済みです。
google-health-missing = 接続済みですが、足りない権限があります。
google-health-reconnect = もう一度接続が必要です。
google-reconnect = Google アカウント { $email } はもう一度接続が必要です。Google がこちらのアクセスを受け付けなくなりました。connect_account（network は google）でリンクを出せます。
google-reconnect-for-people = Google アカウント { $email } はもう一度接続が必要です。Google がこちらのアクセスを受け付けなくなりました。
google-permission-missing = Google アカウント { $email } では、まだ { $feature } を読む許可がありません。connect_account（network は google）でリンクを出せます。ほかはそのままです。
google-permission-missing-for-people = Google アカウント { $email } では、まだ { $feature } を読む許可がありません。アカウントのページで接続し直し、その権限にチェックを入れてください。ほかはそのままです。
google-none-connected = { $feature } を読める Google アカウントが接続されていません。connect_account（network は google）で、ご本人が開くリンクを出せます。
google-none-connected-for-people = { $feature } を読める Google アカウントが接続されていません。アカウントのページで接続してください。
google-api-off = このサーバーの Google Cloud プロジェクトで { $feature } の API が有効になっていません。運営者が有効にする必要があります。
google-quota-day = { $feature } の Google の割り当てを使い切りました。多くは15分ほどで戻りますが、1日分の場合はカリフォルニアの午前0時まで続きます。以前に尋ねたことには、引き続きお答えできます。
google-quota-hour = { $feature } の Google の割り当てを一時的に使い切りました。数分後、遅くとも1時間後にもう一度お試しください。以前に尋ねたことには、引き続きお答えできます。
google-no-access = { $feature } によると、{ $email } には閲覧権限がないか、対象がもうありません。
google-not-understood = { $feature } はこの質問を受け付けません: { $why }
google-unavailable = { $feature } から今は応答がありません。あとでもう一度お試しください。
notice-google-reconnect = Google アカウント { $email } はもう一度接続が必要です。Google がこちらのアクセスを受け付けなくなりました。それまでレポートは止まります。
notice-revoke-unconfirmed-google = { $email } の接続は解除され、こちらの控えは破棄しましたが、Google の確認が取れませんでした。myaccount.google.com/permissions を開いて、アクセス権を削除してください。

## 質問
report-source-none = この Google アカウントから見える { $feature } のプロパティやサイトがありません。
report-source-choose = { $feature } のどのプロパティ（サイト）か決められません。1つ指定してください: { $choices }。ご本人はアカウントのページで既定のものを選べます。
report-source-choose-for-people = { $feature } のどのプロパティ（サイト）か決められません。1つ選んでください: { $choices }。
report-name-unknown = 「{ $given }」という { $kind } はありません。最も近いのは { $nearest } です。
report-columns-apart = { $one } は { $other } と組み合わせられません。{ $instead } をお試しください。
report-too-many-columns = 1つのレポートに入るのは、ディメンション { $dimensions } 個、指標 { $metrics } 個までです。
report-too-many-filters = 1つのレポートに入る条件は { $max } 個までです。
report-filter-wrong = 「{ $given }」はここでは条件になりません。条件は country = Japan、page contains /blog、sessions > 100 のように書きます。
report-country-wrong = 国「{ $given }」がわかりません。jpn や usa のような3文字のコードで指定してください。
report-period-wrong = 期間「{ $given }」を読み取れません。先週、過去28日間、2026年10月、2026-10-01..2026-10-07 のように書いてください。比較には 前の期間、前年同期、または別の期間を使えます。
report-realtime-period = リアルタイムの表示は直近30分のものです。期間と比較は指定しないでください。
report-cursor-wrong = この続きの印は別の質問のものか、その後に数値が変わりました。印なしでもう一度お尋ねください。
report-urls-count = ページのアドレスを1〜{ $max }件指定してください。
report-url-wrong = 「{ $given }」はページのアドレスではありません。http:// か https:// で始まる必要があります。

## 数値に添える注意
report-caveat-moving = 直近の数日はまだ変わります。Google Analytics の集計には24〜48時間かかります。
report-caveat-incomplete = { $day } 以降の数値はまだ確定していません。
report-caveat-behind = 直近2〜3日の数値は、未確定か、まだありません。
report-caveat-sampled = サンプルからの集計です（イベントの { $percent } %）。
report-caveat-thresholded = 個人がわかるおそれのある行を Google が除いているため、行の合計は実際より小さくなります。
report-caveat-demographic = 年齢、性別、興味関心は、一部の訪問者についてしかわかりません。
report-caveat-other = まれな値は「other」という行にまとめられています。
report-caveat-cut = Google がこのレポートの一部を省いています。
report-caveat-restricted = この Google アカウントでは見られないもの: { $metrics }。
report-caveat-users = ユーザー数は推定値で、同じ人が複数の行に入ることがあります。行を足しても合計にはなりません。
report-caveat-quota = このプロパティの Google の割り当ては残り { $percent } % です。
report-caveat-history = Search Console に残るのは { $months } か月分です。それより前はありません。
report-caveat-before-cut = 比較した期間は大きい行だけを見ています。以前の数値がない行があります。
report-caveat-anonymous = 行に含まれるクリックは { $of } 件中 { $named } 件です。まれなクエリは Google が明かしません。

## ページ
google-connect = Google を接続する
google-connect-ask = Socrazi に読ませるものを選んでください。もう一方はあとから追加でき、どちらもいつでも取り消せます。
google-connect-go = Google へ進む
google-connect-means = 読み取りだけで、Google 側は何も変わりません。結果はあなた専用の鍵で暗号化して最長90日だけ保存し、接続を解除すると消えます。次に Google の画面が開きます。そこでチェックを外したものは読みません。
google-analytics-about = 訪問、ユーザー、流入元、ページ、イベント
google-search-about = 検索語句、クリック、表示回数、掲載順位、インデックス
google-sources = プロパティとサイト
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
google-feature-unasked = 未接続
google-disconnect-means = こちらのアクセスは直ちに取り消されて破棄され、それを通じて読んだものはすべて削除されます。Google 側では、このアカウントに対するこのサーバーの許可がすべて終わります。
