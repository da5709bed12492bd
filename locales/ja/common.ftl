# どの画面・ツールからも使う文。
common-failed = サーバー側で問題が起きました。変更は行われていません。もう一度お試しください。続く場合は、運営者がログで原因を確認できます。
common-argument-wrong = 引数が正しくありません: { $what }。
common-dry-run = お試しのみ：何も保存していません。
common-too-large = 大きすぎます。ここで受け取れるのは { $max } までです。小さくしてください。
common-tool-unknown = { $name } というツールはありません。ツールの一覧をご確認ください。
common-not-found-thing = { $thing } は見つかりません。
common-idempotency-conflict = idempotency_key「{ $key }」は24時間以内に別の引数で使われています。別のキーにするか、同じ引数で送ってください。
common-idempotency-running = idempotency_key「{ $key }」の呼び出しはまだ実行中です。少し待ってからもう一度お尋ねください。
common-idempotency-lost = idempotency_key「{ $key }」の呼び出しは、答える前にサーバーが止まったため、結果が分かりません。別のキーでやり直す前に、list_posts か get_post で何が行われたかをご確認ください。

account-health-fine = 接続済みです。
account-health-ends = { $at }まで接続されています。それまでに接続し直してください。予約済みの投稿はそのまま残ります。
account-health-stopped = 接続済みですが、現在この SNS がサーバー全体を受け付けていません。数分ごとに再試行します。
account-health-unrenewed = { $at }まで接続されています。それまでに更新できれば続きますが、しばらく更新できていません。接続し直してください。予約済みの投稿はそのまま残ります。
account-health-ended = 投稿の前に、もう一度接続が必要です：{ $why ->
    [refused] 期限より前に、SNS がこちらのアクセスを断りました
    [revoked] SNS 側でアクセスが取り消されました
    [expired] アクセスの期限が切れました
    [unclear] 更新の応答が失われ、もう一度求めると完全に切れるおそれがあります
    [unpermitted] 投稿の権限がありません
    [let_go] もとの Google アカウントの接続が解除されました
    [blocked] SNS がこのアカウントを止めています（内容は投稿に表示されています）
   *[other] アクセスが終わりました
}。
account-health-needs-reconnecting = 投稿の前に、もう一度接続が必要です。
account-health-disconnected = 接続を解除しました。
account-not-found = 接続中のアカウントに「{ $id }」はありません。list_accounts で確認できます。
account-not-found-for-people = 「{ $id }」という接続済みのアカウントはありません。接続済みのものはアカウントのページにあります。
account-ambiguous = 「{ $given }」がどのアカウントか決められません。IDで指定してください: { $choices }。
account-none-connected = まだアカウントが接続されていません。connect_account で、ご本人が開くリンクを出せます。
account-none-connected-for-people = まだアカウントが接続されていません。アカウントのページで接続してください。
account-needs-reconnecting = { $network } の @{ $handle } は、先にもう一度接続が必要です。{ $network } がこちらのアクセスを受け付けなくなりました。connect_account でリンクを出せます。
account-needs-reconnecting-for-people = { $network } の @{ $handle } は、先に接続し直す必要があります。SNS 側がアクセスを受け付けなくなりました。
account-disconnected = @{ $handle } は接続が解除されています。先に接続し直してください。
account-lacks = 権限「{ $scope }」なしで接続されているため、{ $what ->
    [publish] 投稿できません
    [media] 画像や動画のある投稿を公開できません
    [parts] 複数の投稿からなるスレッドを公開できません
    [first_comment] 最初のコメントを付けられません
    [inbox] 受信箱に下書きを入れられません
    [confirm] 通信が切れたとき、投稿されたかどうかを確認できず、あなたにお尋ねすることになります
    [figures] 投稿の数値を取得できません
    [followers] フォロワー数が分かりません
    [take_down] 公開済みの投稿をここから削除できません
    [profile] 名前と画像が分かりません
    [stay] アクセスがすぐに切れ、そのたびに許可が必要です
   *[other] 一部が使えません
}。接続し直して、その項目を許可してください。
account-permission = { $network } の @{ $handle } は権限「{ $scope }」なしで接続されているため、{ $what ->
    [publish] 投稿できません
    [media] 画像や動画のある投稿を公開できません
    [parts] 複数の投稿からなるスレッドを公開できません
    [first_comment] 最初のコメントを付けられません
    [inbox] 受信箱に下書きを入れられません
    [confirm] 通信が切れたとき、投稿されたかどうかを確認できず、あなたにお尋ねすることになります
    [figures] 投稿の数値を取得できません
    [followers] フォロワー数が分かりません
    [take_down] 公開済みの投稿をここから削除できません
    [profile] 名前と画像が分かりません
    [stay] アクセスがすぐに切れ、そのたびに許可が必要です
   *[other] 一部が使えません
}。接続し直してその項目を許可してから、予約してください。
account-permission-unasked = { $network } の @{ $handle } では、{ $what ->
    [publish] 投稿できません
    [media] 画像や動画のある投稿を公開できません
    [parts] 複数の投稿からなるスレッドを公開できません
    [first_comment] 最初のコメントを付けられません
    [inbox] 受信箱に下書きを入れられません
    [confirm] 通信が切れたとき、投稿されたかどうかを確認できず、あなたにお尋ねすることになります
    [figures] 投稿の数値を取得できません
    [followers] フォロワー数が分かりません
    [take_down] 公開済みの投稿をここから削除できません
    [profile] 名前と画像が分かりません
    [stay] アクセスがすぐに切れ、そのたびに許可が必要です
   *[other] 一部が使えません
}。このサーバーは権限「{ $scope }」を求めていません。運営者が { $network } の設定に加えたあと、アカウントを接続し直してください。
account-ends-before = @{ $handle } へのアクセスは { $at } に切れ、この投稿はその後の予定です。それまでに接続し直さないと投稿されません。

signin-link-dead = このリンクは使用済みか、期限切れです。新しいリンクを出してください: socrazi user link
signin-needed = 先にブラウザーでサインインしてください。
settings-hold-wrong = 取り消せる時間は0〜{ $max }秒で指定してください。
token-name-wrong = あとで見分けられるように、1〜{ $max }文字の名前を付けてください（改行などの制御文字は使えません）。

connect-not-configured = このサーバーは { $network } に対応する設定がありません。運営者が { $keys } を設定する必要があります。
connect-state-dead = この接続は別のブラウザーで始まったか、すでに完了したか、時間が過ぎています。アカウントのページからやり直してください。
connect-denied = { $network } で許可されませんでした。何も接続していません。
connect-scopes-refused = { $network } に接続できませんでした。このサーバーのアプリには、求めている権限がありません。運営者が、求める権限（LinkedIn では linkedin.scopes）とアプリに許された権限を照らし合わせてください。
connect-failed = { $network } に接続できませんでした（{ $why ->
    [no_code] 認可コードが届きませんでした
    [code] 認可コードが拒否されました
    [app] このサーバーのアプリの認証情報が拒否されました
    [unreached] 接続先に届きませんでした
   *[unclear] 明確な応答がありませんでした
}）。もう一度お試しください。続く場合は、運営者が `socrazi doctor` で確認できます。

schedule-zone-unknown = 「{ $zone }」というタイムゾーンはありません。Asia/Tokyo や Europe/Berlin のようなIANA名を使ってください。
schedule-time-unreadable = 「{ $given }」を時刻として読めません。2026-11-24T09:00:00+09:00、ゾーン付きの 2026-11-24T09:00、または「明日の朝9時」のような言葉で指定してください。
schedule-time-naive = 「{ $given }」にはタイムゾーンがないため、時刻が一つに決まりません。zone（Asia/Tokyo など）か時差（+09:00 など）を付けてください。
schedule-time-past = { $given } は過ぎています。現在は { $now } です。先の時刻を指定するか、今すぐなら publish_post を使ってください。
schedule-time-past-for-people = { $given } は過ぎています。現在は { $now } です。先の時刻を指定するか、今すぐ公開してください。
schedule-time-far = { $given } は2年以上先です。年をご確認ください。
schedule-time-skipped = { $given } は { $zone } には存在しません（時計が進められる時間帯です）。次から選んでください: { $choices }
schedule-time-twice = { $given } は { $zone } では2回あります（時計が戻される時間帯です）。次から選んでください: { $choices }
schedule-time-several = 「{ $given }」は { $zone } の複数の時刻に読めます。次から選んでください: { $choices }
schedule-time-no-clock = 「{ $given }」は { $day } ですが、何時ですか？「9:00」や「{ $day }T09:00」のように時刻を加えてください。

mcp-message-too-large = メッセージが大きすぎます。受け取れるのは { $max } までです。画像や動画はメッセージでは送れません。attach_media の upload で、ご本人が開くリンクを出せます。
mcp-message-not-text = メッセージがUTF-8の文字列ではありません（{ $at }バイト目から）。UTF-8にしてから送り直してください。
mcp-message-not-json = メッセージがJSONではありません: { $why }。JSON-RPCのメッセージを1つ送ってください。
mcp-arguments-not-object = 引数は名前と値の組（オブジェクト）で指定してください。名前は tools/list で確認できます。
common-header-twice = ヘッダー { $name } が二つあり、どちらの意味か分かりません。一つだけ送ってください。
mcp-origin-wrong = このOriginのページから /mcp は使えません。使えるのは server.public_url（{ $url }）のページだけです。プログラムはOriginを送りません。ご自身のアドレスであれば、運営者が server.public_url に設定してください。
mcp-host-wrong = このサーバーはそのHost名では呼べません。server.public_url（{ $url }）のアドレスを使ってください。別の名前がある場合は、運営者が server.public_url に設定してください。
mcp-session-unknown = そのセッションはありません。initialize からやり直してください。
mcp-initialize-too-large = initialize が大きすぎます。受け取れるのは { $max } までです。クライアントについての記述を減らしてください。
mcp-tool-ended-late = { $seconds }秒以内に終わらなかったため、中止しました。続きは行われません。一度に頼む量を減らして、もう一度お試しください。
mcp-tool-goes-on-key = 時間がかかっており、処理は続いています。同じ引数と idempotency_key「{ $key }」でもう一度お尋ねください。終わりしだい結果が返り、二重に行われることはありません。
mcp-late-unknown = { $handle } で尋ねられる呼び出しはありません。この形のキーはサーバーが呼び出し元だけに渡すもので、1時間有効です。別の idempotency_key を使うか、付けずにお試しください。
mcp-late-other = { $handle } は別の呼び出しのものです。そのキーを受け取ったときとまったく同じ引数を送ってください。
mcp-late-lost = { $handle } の呼び出しの結果は分からなくなりました。終わる前にサーバーが再起動したか、内容に関わるデータが削除されたためです。読み取りだけなら改めて尋ねられます。それ以外は、まず list_posts か get_post で何が行われたかをご確認ください。
mcp-tool-goes-on = 時間がかかっており、処理は続いています。やり直す前に、1分後に list_posts（投稿）、list_accounts（アカウント）、list_conversations（会話）で結果をご確認ください。idempotency_key を付けると、後から結果を尋ねられます。
common-also = この呼び出しとは別件ですが、ご本人にお伝えください：{ $what } { $more ->
    [0] 詳細：{ $url }
   *[other] ほかに { $more } 件：{ $url }
}
