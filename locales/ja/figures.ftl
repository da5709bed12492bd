## SNS が数えた投稿の数値

figures-not-given = { $network } の投稿の数値は、このサーバーでは取得できません。ゼロではなく不明です。
figures-how = 数値は各 SNS が数えたもので、投稿から「経過（時間）」（hours）だけたった時点で読んだ値です。スレッドは最初の投稿の値です。空欄はゼロではなく不明です。
figures-of-account = { $account }：{ $why }
figures-scope-missing = 数値を読む権限（{ $scope }）なしで接続されています。投稿はこのままできます。数値が必要なら、接続し直して求められた権限をすべて許可してください。
figures-not-yet = 数値はまだありません。最初に読むのは投稿の{ $hours }時間後で、サーバーが止まっている間は読みません。
figures-untold = SNS はこれらの投稿の数値を返しませんでした。不明か、投稿がもうありません。
figures-winner = { $account } の { $post } は、投稿から{ $hours }時間後の{ $measure ->
    [views] 表示回数
    [likes] いいね
    [comments] コメント
    [shares] 共有
    [saves] 保存
   *[clicks] クリック
}が{ $figure }で、同じアカウントの投稿{ $count }件の同じ時点の中央値（{ $median }）の{ $times }倍です。
figures-winner-alone = { $account } の { $post } は、投稿から{ $hours }時間後の{ $measure ->
    [views] 表示回数
    [likes] いいね
    [comments] コメント
    [shares] 共有
    [saves] 保存
   *[clicks] クリック
}が{ $figure }で、同じアカウントの投稿{ $count }件の同じ時点の中央値は{ $median }です。
figures-winner-next = これらの投稿それぞれについて、本文を読み、同じアカウント向けに続きの下書きを3つ書いてください: 残った疑問に答えるもの、別の読者に向けたもの、その後どうなったかを伝えるもの（必要なものはプロンプト follow_up に揃っています）。下書きであることと、この投稿を選んだ理由を伝えてください。サーバーが書いたものはありません。
followups-title = 自分のアカウントの中央値を超えた投稿
followups-none = 中央値を超えた投稿はまだありません。同じアカウントの投稿が、同じ時点で5件以上数えられている必要があります。
followups-do = 続きの下書きを3つ作る
followups-off = ここでは下書きを書けません。お使いのアシスタントに続きを頼んでください（プロンプト名は「続きを書く」です）。
followups-wish = 私の投稿 { $post } に続く下書きを、同じアカウント向けに3つ、それぞれ別の下書きとして書いてください: 残った疑問に答えるもの、別の読者に向けたもの、その後どうなったかを伝えるもの。予約はしないでください。
table-posts = 投稿
table-outcomes = 投稿の成果
table-indexing = Google のインデックス状況
table-days = 日数
table-urls = ページのアドレス（1行に1件）
table-cut = 行が多いため一部だけ表示しています。ファイルにはすべて含まれます。
table-column-at = 日時
table-column-account = アカウント
table-column-post = 投稿
table-column-state = 状態
table-column-text = 本文
table-column-permalink = リンク
table-column-hours = 経過（時間）
table-column-views = 表示回数
table-column-likes = いいね
table-column-comments = コメント
table-column-shares = 共有
table-column-saves = 保存
table-column-clicks = クリック
table-column-network = SNS
table-column-visits = 訪問
table-column-key-events = キーイベント
table-column-pages = ランディングページ
table-column-search-clicks = Google からのクリック
table-column-url = ページ
table-column-verdict = Google への登録
table-column-coverage = Google の説明
table-column-indexing = 登録の許可
table-column-robots = robots.txt の状態
table-column-fetch = 取得
table-column-last-crawl = 前回のクロール
table-column-crawled-as = クローラー
table-column-google-canonical = Google の正規 URL
table-column-user-canonical = 指定した正規 URL
table-column-rich-results = リッチリザルト
table-indexing-said = { $said ->
    [PASS] { $column ->
        [rich_results] 有効
       *[other] あり
    }
    [PARTIAL] 一部のみ
    [NEUTRAL] なし
    [FAIL] なし（エラー）
    [INDEXING_ALLOWED] 許可
    [BLOCKED_BY_META_TAG] ページの noindex で拒否
    [BLOCKED_BY_HTTP_HEADER] ヘッダーの noindex で拒否
    [BLOCKED_BY_ROBOTS_TXT] robots.txt で拒否
    [ALLOWED] 許可
    [DISALLOWED] 拒否
    [SUCCESSFUL] 成功
    [SOFT_404] エラーページと判断（ソフト 404）
    [BLOCKED_ROBOTS_TXT] robots.txt で拒否
    [NOT_FOUND] 見つからない（404）
    [ACCESS_DENIED] ログインが必要（401）
    [SERVER_ERROR] サーバーエラー（5xx）
    [REDIRECT_ERROR] リダイレクトのエラー
    [ACCESS_FORBIDDEN] 閲覧禁止（403）
    [BLOCKED_4XX] 拒否（4xx）
    [INTERNAL_CRAWL_ERROR] Google 側のエラー
    [INVALID_URL] 正しくないアドレス
    [DESKTOP] パソコン
    [MOBILE] スマートフォン
   *[other] { $said }
}
table-column-rich-types = リッチリザルトの種類
table-column-problem = 問題
