## SNS が数えた投稿の数値

figures-not-given = { $network } の投稿の数値は、このサーバーでは取得できません。ゼロではなく不明です。
figures-how = 数値は各 SNS が数えたもので、投稿から hours 列の時間がたった時点で読んだ値です。スレッドは最初の投稿の値です。空欄はゼロではなく不明です。
figures-of-account = { $account } の数値: { $why }
figures-scope-missing = 数値を読む権限（{ $scope }）なしで接続されています。投稿はこのままできます。数値が必要なら、接続し直して求められた権限をすべて許可してください。
figures-not-yet = 数値はまだありません。投稿の{ $hours }時間後から読みます。サーバーが止まっている間は読みません。
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
figures-winner-next = これらの投稿それぞれについて、本文を読み、同じアカウント向けに続きの下書きを3つ書いてください: 残った疑問に答えるもの、別の読者に向けたもの、その後どうなったかを伝えるもの。下書きであることと、この投稿を選んだ理由を伝えてください。サーバーが書いたものはありません。
