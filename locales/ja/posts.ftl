# 投稿・配信・承認。状態ごとに言い方は一つ。結果が不明なときに「失敗」とは言わない。
post-not-found = 投稿 { $id } は見つかりません。list_posts で一覧を確認できます。
post-not-found-for-people = その投稿は見つかりません。すでに削除された可能性があります。
post-revision-stale = その間に編集されています。指定は第{ $given }版ですが、現在は第{ $current }版です。get_post で読み直してから編集してください。
post-revision-stale-for-people = その間に投稿が編集されています。もう一度開き、今の内容を編集してください。
post-has-errors = 投稿の前に直す点が{ $count }件あります。get_post で確認できます。
post-has-errors-for-people = 公開の前に直す点が{ $count }件あります。投稿のページで確認できます。
post-withdrawn = 投稿 { $id } は取り下げ済みです。withdraw_post の restore で下書きに戻せます。
post-withdrawn-for-people = この投稿は取り下げ済みです。投稿のページで下書きに戻せます。
post-nothing-to-withdraw = 取り下げるものがありません。すでに公開されたか、取り下げ済みです。公開済みのものは take_down_post で削除できます。
post-nothing-to-withdraw-for-people = 取り下げるものがありません。すでに公開されたか、取り下げ済みです。公開済みのものは投稿のページで削除できます。
post-nothing-to-restore = 戻せるものがありません。取り下げられていないか、30日を過ぎています。
post-already-going-out = @{ $account } への投稿はすでに進行中のため、今は変更できません。結果は get_post で確認できます。
post-already-going-out-for-people = @{ $account } への投稿はすでに進行中のため、今は変更できません。
post-published-already = @{ $account } ではすでに公開されています。同じものをもう一度公開するかどうかは人が決めます。別の内容なら新しい下書きを作ってください。
post-scheduled-already = @{ $account } では、ちょうどその時刻に予約済みです。
post-edit-unsettled = @{ $handle } で公開されたかどうか、まだ分かっていません。公開された可能性があるのは今の内容です。結果がはっきりしてから編集してください。
post-revision-ahead = 第{ $given }版はまだありません。現在は第{ $current }版です。get_post で読み直してから編集してください。
post-revision-ahead-for-people = その間に投稿が編集されています。もう一度開き、今の内容を編集してください。
post-text-missing = 本文がありません。text、または segments（スレッド・メディア・投票）、アカウント別の variants を指定してください。
post-no-variants = この投稿のアカウントが指定されていません。投稿の対象になっているアカウントを指定してください。
post-asked-each-time = { $network } では、公開範囲と開示の内容を投稿ごとに本人が選ぶ必要があるため、繰り返しの投稿をまとめて一度に承認することはできません。回ごとに下書きを作り、計画として予約してください。
notice-left-private = 公開されなかった投稿のためにアップロードしたものが、あなただけに見える状態で SNS に残っています: { $link } 不要であれば、そこで削除してください。
notice-left-unseen = @{ $handle } の公開されていない投稿のために { $network } へ送ったものを確かめられませんでした。本人だけに見える状態で残っているかもしれません： { $link }。不要なら { $network } で削除してください。
notice-left-removed = @{ $handle } の投稿が取り消されたため、その投稿のためにアップロードしていたもの（だれにも見えていません）を削除しました。
post-day-full = { $what ->
    [posts-of-day] { $network } が 1 日（UTC）に 1 つのアカウントから受け付ける投稿は { $max } 件までで、その日にはすでにその数が予定されています。
    [uploads] { $network } がこのサーバーから 1 日に受け付けるアップロードは、すべてのチャンネルを合わせて { $max } 件までで、その日にはすでにその数が予定されています。
    [units] { $network } でこのサーバーが 1 日に使えるのは、すべてのチャンネルを合わせて { $max } ユニットまでで、その日の予定だけで使い切ります。
   *[posts] { $network } が 24 時間に 1 つのアカウントから受け付ける投稿は { $max } 件までで、この時刻の前後にすでにその数が予定されています。
}別の時刻を選んでください。次に枠が空くのは{ $next }です。
post-day-full-long = { $what ->
    [posts-of-day] { $network } が 1 日（UTC）に 1 つのアカウントから受け付ける投稿は { $max } 件までで、その日にはすでにその数が予定されています。
    [uploads] { $network } がこのサーバーから 1 日に受け付けるアップロードは、すべてのチャンネルを合わせて { $max } 件までで、その日にはすでにその数が予定されています。
    [units] { $network } でこのサーバーが 1 日に使えるのは、すべてのチャンネルを合わせて { $max } ユニットまでで、その日の予定だけで使い切ります。
   *[posts] { $network } が 24 時間に 1 つのアカウントから受け付ける投稿は { $max } 件までで、この時刻の前後にすでにその数が予定されています。
}その後の 2 か月も埋まっています。ずっと先の時刻を選ぶか、予定のどれかを取り消してください。
finding-day-near = { $what ->
    [posts-of-day] { $network } が 1 日（UTC）に @{ $handle } から受け付ける投稿は { $most } 件です。その日に公開済みの投稿と予定を合わせると、この投稿は { $number } 件目になります。
    [uploads] { $network } がこのサーバーから 1 日に受け付けるアップロードは、@{ $handle } の分を含めて { $most } 件です。その日の公開済みと予定を合わせると、この投稿は { $number } 件目になります。
    [units] { $network } でこのサーバーが 1 日に使えるのは、@{ $handle } とほかのチャンネルを合わせて { $most } ユニットです。その日の公開済みと予定を合わせると、この投稿で { $number } ユニットになります。
   *[posts] { $network } が 24 時間に @{ $handle } から受け付ける投稿は { $most } 件です。公開済みと予定を合わせると、この投稿は { $number } 件目になります。
}
finding-day-over = { $what ->
    [posts-of-day] { $network } が 1 日（UTC）に @{ $handle } から受け付ける投稿は { $most } 件です。その日に公開済みの投稿と予定を合わせると、この投稿は { $number } 件目になり、枠が空くまで待つことになるかもしれません。別の時刻のほうが確実です。
    [uploads] { $network } がこのサーバーから 1 日に受け付けるアップロードは、@{ $handle } の分を含めて { $most } 件です。その日の公開済みと予定を合わせると、この投稿は { $number } 件目になり、公開できないかもしれません。別の日のほうが確実です。
    [units] { $network } でこのサーバーが 1 日に使えるのは、@{ $handle } とほかのチャンネルを合わせて { $most } ユニットです。その日の公開済みと予定を合わせると、この投稿で { $number } ユニットになり、公開できないかもしれません。別の日のほうが確実です。
   *[posts] { $network } が 24 時間に @{ $handle } から受け付ける投稿は { $most } 件です。公開済みと予定を合わせると、この投稿は { $number } 件目になり、枠が空くまで待つことになるかもしれません。別の時刻のほうが確実です。
}
post-too-many-variants = 一つの投稿は{ $max }アカウントまでです。投稿を分けてください。
post-too-many-segments = スレッドは{ $max }個までです。スレッドを分けてください。
post-empty = まだ内容がありません。文章を書くか、メディアを付けてください。
draft-banned-word = 「{ $word }」は、設定の「使わない言葉」に入っています。このままでも公開できますが、変更もできます。
post-too-long-any = 文章が{ $max }文字を超えています。どの SNS の上限よりも長いので、先に短くしてください。

post-status-draft = 下書きです。
post-status-waiting-for-you = あなたの承認を待っています。
post-status-scheduled = 予約済みです。
post-status-needs-attention = 確認が必要です。
post-status-published = 公開済みです。
post-status-withdrawn = 取り下げました。

delivery-state-scheduled = 予約済みです。
delivery-state-leased = 準備中です。
delivery-state-armed = 送信中です。
delivery-state-processing = 受け付けられました。SNS 側で処理中です。
delivery-state-waiting = 自動でもう一度試します。
delivery-state-unknown = 公開されたかどうか確認できませんでした。確認しています。
delivery-state-blocked = アカウントの問題が解決するのを待っています。
delivery-state-paused = 一時停止中です。
delivery-state-unapproved = もう一度承認されるまで公開されません。
delivery-state-needs-human = 公開されたかどうか確認できませんでした。ご自身でお確かめください。
delivery-state-missed = 時刻を過ぎたため、公開していません。
delivery-state-published = 公開済みです。
delivery-state-partial = 一部だけが公開されています。
delivery-state-failed = SNS に断られました。何も公開されていません。
delivery-state-cancelled = 取り下げたため、公開していません。
delivery-state-taken-down = 公開後に削除しました。

delivery-reason-late = 1時間以上遅れたため、確認なしには送りませんでした。
delivery-reason-edited = 承認のあとに編集されました。
delivery-reason-network-busy = SNS が今は受け付けられませんでした。
delivery-reason-rate-limited = SNS から待つように言われています。
delivery-reason-gave-up = SNS に{ $tries }回続けて断られました。何も公開されていません。
delivery-reason-no-answer = SNS の返事が届かなかったため、アカウントの投稿を読んで確かめています。
delivery-reason-not-sent = SNS に接続できませんでした。何も送っていません。
delivery-reason-media-expired = アップロードしたメディアの期限が切れたため、もう一度アップロードします。
delivery-reason-spent = この投稿のために準備したものが SNS で見つからなかったため、もう一度試します。
delivery-reason-reconnect = SNS がこちらのアクセスを受け付けなくなりました。アカウントを接続し直してください。
delivery-reason-refreshing = SNS に新しいアクセスを求められたため、更新しています。
delivery-reason-duplicate = 最近このアカウントに同じ文章が投稿されている、と SNS が言っています。文章を変えてください。
delivery-reason-absent = 二度くまなく確認して、公開されていないことが分かったため、もう一度送ります。
delivery-reason-not-seen = アカウントの投稿の中には見つかりませんでしたが、この SNS の一覧だけでは断定できません。公開されていますか。
delivery-reason-two-candidates = 当てはまる投稿が複数あります。どれでしょうか。
delivery-reason-unlisted = SNS は公開済みと答えていますが、アカウントの投稿の中に見つかりません。公開されていますか。
delivery-reason-cannot-read = アカウントの投稿を読めませんでした。
delivery-reason-processing-long = SNS での処理が何時間も続いています。
delivery-reason-handed = アカウントの受信箱に届いています。そこで仕上げて投稿するまで、誰にも見えません。
delivery-reason-person-send = 公開されていないとのことでしたので、もう一度送ります。
delivery-reason-person-drop = あなたが取りやめました。
delivery-reason-withdrawn = 取り下げられました。
delivery-reason-moved = 別の時刻に移されました。
delivery-reason-disconnected = アカウントの接続が解除されました。
delivery-reason-disconnected-unknown = 確認する前にアカウントの接続が解除されました。公開されていますか。
delivery-reason-no-part = これ以上送るものがありません。
delivery-reason-no-parent = 一つ前の投稿が分からないため、スレッドを続けられません。

receipt-answered = SNS が確認しました。
receipt-read-back = SNS の返事は失われましたが、アカウントの投稿で確認できました。
receipt-person = 人が確認しました。

approval-waiting = ご本人の承認を待っています: { $url }
approval-not-found = あなた宛ての承認 { $id } は見つかりません。
approval-decided = すでに回答済みです（{ $decision ->
    [approved] 承認
    [declined] 承認しない
    [superseded] 新しい確認に置き換え
    [void] 対象がなくなったため終了
   *[other] 期限切れ
  }）。
approval-void-account = 回答の前に、対象のアカウントの接続が解除されました。何も公開されません。必要なら接続し直して、もう一度依頼してください。
notice-approvals-void = @{ $handle }（{ $network }）の接続解除にともない、回答待ちの確認 { $count } 件を閉じました。その内容は公開されません。
approval-expired = この確認は1週間以上前のものです。もう一度予約すると、新しく確認が届きます。
approval-changed = ご覧になった内容と、これから公開される内容が違っています。投稿・アカウント・時刻のいずれかが変わりました。投稿を開いて見直してください。
approval-time-passed = 予定の時刻を過ぎています。先の時刻で予約し直してください。
approval-not-by-model = これに答えられるのは、サインインしたブラウザーの前にいる人だけです。
approval-act-publish-now = { $accounts } で今すぐ公開する
approval-act-schedule = { $accounts } で予約する
approval-act-resume = すべての公開を再開する。 { $late ->
         [skip] 停止中に時刻を過ぎた投稿は見送ります。
         [shift] 止まっていた投稿はすべて停止時間の分だけ後ろにずらします。
        *[ask] 停止中に時刻を過ぎた投稿については、あらためて確認します。
    }
approval-act-resume-account = @{ $handle }（{ $network }）での公開を再開する。 { $late ->
         [skip] 停止中に時刻を過ぎた投稿は見送ります。
         [shift] 止まっていた投稿はすべて停止時間の分だけ後ろにずらします。
        *[ask] 停止中に時刻を過ぎた投稿については、あらためて確認します。
    }
approval-act-resume-post = この投稿の公開を再開する：「{ $text }」。 { $late ->
         [skip] 停止中に時刻を過ぎた投稿は見送ります。
         [shift] 止まっていた投稿はすべて停止時間の分だけ後ろにずらします。
        *[ask] 停止中に時刻を過ぎた投稿については、あらためて確認します。
    }
approval-act-take-down = @{ $handle }（{ $network }）の公開済みの投稿を削除する：「{ $text }」
approval-act-disconnect = @{ $handle } の接続を解除し、アクセスを破棄する
approval-act-forget-one = この会話を完全に削除する：「{ $name }」、最後のやり取りは{ $at }
approval-act-forget-gone = 会話を完全に削除する
approval-act-forget-all = すべての会話を完全に削除する
approval-act-forget-post = この投稿を、ここでの履歴と、ほかで使われていない画像も含めて完全に削除する：「{ $text }」。SNS に公開済みのものはそのまま残ります。
approval-act-forget-post-gone = 投稿を完全に削除する（すでにここにはありません）
approval-act-forget-medium = これを完全に削除する： { $what }。どの下書きや投稿でも使われていません。
approval-act-forget-medium-gone = 画像・動画・文書を完全に削除する（すでにここにはありません）
approval-act-forget-posts = { $from } から { $until } までに最後に変更された下書きと投稿 { $count } 件を、画像とここでの履歴も含めて完全に削除する。SNS に公開済みのものはそのまま残ります。
approval-act-forget-posts-all = { $until } より前の下書きと投稿 { $count } 件すべてを、画像とここでの履歴も含めて完全に削除する。SNS に公開済みのものはそのまま残ります。
forget-post-going-out = この投稿は今まさに公開中です。1分ほど待ってから、もう一度お答えください。
forget-posts-stayed = 今まさに公開中のため、{ $count } 件の投稿が残りました。ほかはすべて削除しました。残りは1分ほど待ってからもう一度お試しください。
approval-act-forget-span = { $from } から { $until } までの会話を完全に削除する
approval-gone = 対象がすでになくなっているため、実行できません。
approval-gone-account = @{ $handle } は接続が解除されているため、公開できません。もう一度予約すると、あらためて確認をお願いします。
approval-gone-text = @{ $handle } で公開するはずだった内容がなくなっています。もう一度予約すると、あらためて確認をお願いします。
approval-option-instagram-collaborators = 次のアカウントを共同投稿者として招待します：{ $handles }。
approval-option-instagram-location = 番号 { $id } の場所を付けます。
approval-option-instagram-story = ストーリーズとして 1 日だけ表示されます。
approval-option-youtube-category = YouTube のカテゴリ番号 { $id } に入れます。
approval-option-youtube-for-kids = 子ども向けとして申告します。
approval-option-youtube-not-for-kids = 子ども向けではないと申告します。
approval-option-youtube-private = 非公開：チャンネルの関係者だけが見られます。
approval-option-youtube-quiet = チャンネル登録者には通知しません。
approval-option-youtube-tags = タグ：{ $tags }。
approval-option-youtube-title = タイトル：{ $title }
approval-option-youtube-unlisted = 限定公開：リンクを知っている人だけが見られます。
approval-option-made-with-ai = AIで作成したことを表示します。
approval-option-paid-partnership = 有償パートナーシップであることを表示します。
approval-option-repliers-following = フォロー中の人だけが返信できます。
approval-option-repliers-mentioned = 名前を挙げた人だけが返信できます。
approval-option-repliers-subscribers = サブスクライバーだけが返信できます。
approval-option-repliers-verified = 認証済みアカウントだけが返信できます。

settle-link-wrong = 「{ $given }」は { $network } の @{ $handle } の投稿のアドレスではありません。投稿からアドレスをコピーするか、空欄のままにしてください。
settle-link-taken = そのアドレスは、ここから送った別の投稿のものです。どの投稿か、もう一度確認してください。
settle-too-early = SNS がまだ処理中で、まもなく表示される可能性があります。1分ほど待ってもう一度確認してから、お答えください。
settle-too-late = もう回答は必要ありません。現在の状態は「{ $state }」です。
withdraw-done = 取り下げました。この投稿はもう公開されません。
withdraw-too-late = 止めるには遅すぎました。{ $state }
pause-which = このプログラムは一部のアカウントだけに許可されているため、全体を一時停止できません。account に一つずつ指定して呼び出してください：{ $accounts }。
pause-beyond = このプログラムは一部のアカウントだけに許可されているため、全体の一時停止や再開はできません。
pause-done = 一時停止しました。人が再開するまで何も公開されません。
take-down-no-address = この投稿の公開先のアドレスが分からないため、ここからは削除できません。公開先で直接削除してください。
take-down-nothing = この投稿で公開されているものはありません。
take-down-failed = { $network } で削除されたか確認できませんでした。SNS 側を見てから、もう一度お試しください。

notice-published = @{ $handle } で公開しました。
notice-handed = @{ $handle } の受信箱に下書きが届きました。そこで仕上げてください。まだ公開されていません。
notice-partial = @{ $handle } で{ $of }件のうち{ $done }件が公開されています。残りは自動では続きません。
notice-failed = @{ $handle } への投稿は SNS に断られました。何も公開されていません。
notice-needs-human = @{ $handle } で公開されたかどうか確認できませんでした。ご自身でお確かめください。
notice-missed = @{ $handle } の予定時刻を過ぎ、公開していません。新しい時刻を選ぶか、取りやめてください。
notice-blocked = @{ $handle } への投稿を保留しています。先にアカウントの問題を解決してください。
notice-restored = このサーバーは { $made } のバックアップから復元されました。それ以降に公開されたものはここでは分からないため、公開を一時停止しています。アカウントを確認し、すでに公開済みの投稿はこちらで取り下げてから、公開を再開してください。
notice-restored-some-time = このサーバーはバックアップから復元されました。バックアップ後に公開されたものはここでは分からないため、公開を一時停止しています。アカウントを確認し、すでに公開済みの投稿はこちらで取り下げてから、公開を再開してください。
notice-unapproved = 承認済みの投稿が編集されました。もう一度承認されるまで公開されません。
forget-going-out = 今まさに公開中のものがあります。1分ほど待ってからやり直してください。接続は解除済みなので、ほかには何も公開されません。
notice-disconnected = { $network } の @{ $handle } の接続を解除しました。{ $count ->
    [0] 予約されていた投稿はありません
   *[other] 予約されていた投稿{ $count }件を取り下げました
}。{ $revoked ->
    [yes] { $network } は、こちらのアクセスの終了を確認しました
    [later] { $network } からはまだアクセス終了の確認がありません。1日の間もう一度求め、それに必要なものだけを暗号化して保管します
   *[no] こちらのトークンは破棄しました
}。
notice-revoke-confirmed = { $network } が、@{ $handle } へのこちらのアクセスの終了を確認しました。そちらでの操作は必要ありません。
notice-channel-ended = YouTube の @{ $handle } は接続し直す必要があります。Google アカウントの接続が解除されたためです。予約した投稿はそれまで待ちます。
notice-network-stopped = 現在、{ $network } がこのサーバー全体を受け付けていません（理由は各投稿に表示されます）。その間は何も送信せず、数分ごとに再試行します。
notice-asked-by = { $name } があなたの承認を求めています。
notice-asked = アシスタントがあなたの承認を求めています。
notice-ended = { $network } の @{ $handle } は、もう一度接続が必要です：{ $why ->
    [refused] 期限より前に、SNS がこちらのアクセスを断りました
    [revoked] SNS 側でアクセスが取り消されました
    [expired] アクセスの期限が切れました
    [unclear] 更新の応答が失われ、もう一度求めると完全に切れるおそれがあります
    [unpermitted] 投稿の権限がありません
    [let_go] もとの Google アカウントの接続が解除されました
    [blocked] SNS がこのアカウントを止めています（内容は投稿に表示されています）
   *[other] アクセスが終わりました
}。
notice-reconnect = @{ $handle } は接続し直す必要があります。
notice-ends-soon = @{ $handle }（{ $network }）へのアクセスはあと { $days } 日以内に切れます。アカウントを接続し直してください。予約済みの投稿はそのまま残ります。
picture-title = プレビュー
picture-post = { $network } の @{ $handle } での表示：
picture-part = { $of }件中{ $no }件目：
picture-length = { $length } / { $max } 文字。
picture-cut = { $shape } に切り抜かれます。
picture-more = …もっと見る
picture-others = このほか{ $count }件は省略しています。
picture-marks = 灰色の印は、この画像では描けない絵文字や文字です。実際の投稿では元の文字のまま公開されます。
notice-deauthorized = @{ $handle } の持ち主が { $network } でこのアプリを削除したとの連絡がありました。こちらのアクセス権は破棄しました。{ $count ->
    [0] 予約済みの投稿はありませんでした。
   *[other] 予約済みの投稿{ $count }件を取り消しました。
}意図したものでなければ、アカウントを接続し直してください。
notice-deleted-at-network = { $network } のアカウントの 1 つについて、持ち主からデータの削除の依頼がありました。アカウントの接続を解除し、予約を取り消し、そこから得たものを削除しました。あなたが書いたものは残っています。
