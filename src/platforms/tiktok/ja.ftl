# TikTok の規則と応答を人に伝える文。キーは tiktok-thing-case。

## 送信の前
tiktok-media-none = TikTok では、動画か写真のない投稿はできません。動画 1 本か、写真を 35 枚まで追加してください。
tiktok-no-threads = TikTok にスレッドはありませんが、この投稿は { $count } 件に分かれています。1 つの投稿にするか、別々の投稿にしてください。
tiktok-poll = TikTok では、アプリから投票を付けることはできません。外してください。
tiktok-repliers = TikTok では、コメントできる人をアプリから限ることはできません。全員のままにするか、コメントをオフのままにしてください。
tiktok-text-too-long = 本文の長さは { $length } で、TikTok の上限 { $max } を { $over } 超えています。「…{ $fits }」までは収まります。次の部分を削ってください：「{ $cut }」。多くの絵文字は 1 つで 2 以上、ほかの文字は 1 と数えます。
tiktok-title-too-long = タイトルの長さは { $length } で、TikTok の上限は { $max } です。短くしてください。
tiktok-media-missing = メディア { $media } が見つかりません。もう一度アップロードするか、投稿から外してください。
tiktok-media-kind = TikTok では { $mime } 形式のファイル（{ $media }）を使えません。MP4 か MOV の動画、または JPEG・WebP・PNG の写真にしてください。
tiktok-media-mixed = TikTok の 1 つの投稿に付けられるのは、動画 1 本か、写真 { $max } 枚までのどちらかです。減らしてください。
tiktok-photos-too-many = 写真が { $count } 枚あります。TikTok で付けられるのは { $max } 枚までです。減らしてください。
tiktok-photos-unreachable = 写真は TikTok が、アプリのものと確認したアドレスから取りに来ますが、このサーバーにはまだそれがありません。運営者が server.public_url の https のアドレスを TikTok で確認してもらい、tiktok.url_verified を設定する必要があります。動画はこのままでも投稿できます。
tiktok-alt-unused = TikTok では説明文を付けられないため、{ $media } の説明文は送られません。
tiktok-video-large = 動画 { $media } は { $gigabytes } GB で、TikTok の上限 { $max } GB を超えています。小さくしてください。
tiktok-video-size = 動画 { $media } の大きさは { $size } です。TikTok で使えるのは各辺 { $min } ～ { $max } ピクセルです。
tiktok-video-long = 動画 { $media } の長さは { $seconds } 秒で、TikTok の上限は { $max } 秒です。短く切ってください。
tiktok-privacy-missing = TikTok で誰に見せるかが選ばれていません。毎回本人に確かめて tiktok.privacy を設定してください：public、friends、only_me のいずれか、非公開アカウントでは followers、friends、only_me のいずれかです。
tiktok-paid-only-me = TikTok では、有償パートナーシップの投稿を自分だけに公開することはできません。公開範囲を変えるか、表示を外してください。
tiktok-unaudited = このサーバーのアプリは TikTok の審査を受けていないため、審査が済むまでは自分だけに見える投稿しかできません。非公開アカウントで only_me を選ぶか、下書きとして受信箱に送ってください。審査が済んでいる場合は、運営者が tiktok.audited を設定します。
tiktok-unaudited-account = このサーバーのアプリは TikTok の審査がまだのため、アカウントが非公開の場合だけ投稿できます。
tiktok-draft-text = 下書きでは動画だけが TikTok に送られ、本文は送られません。TikTok アプリで仕上げるときに書いてください。
tiktok-draft-drops = 下書きでは、公開範囲・各種の設定・カバー・表示は TikTok に送られません。TikTok アプリで仕上げるときに選んでください。
tiktok-choice-unused = { $choice ->
    [duet] TikTok の写真にデュエットはないため、この設定は送られません。
    [stitch] TikTok の写真にリミックスはないため、この設定は送られません。
    [cover_ms] 写真のカバーは 1 枚目になります。選んだ時点は送られません。
    [title] TikTok でタイトルがあるのは写真だけです。この動画のタイトルは送られません。
   *[music] TikTok が音楽を付けるのは写真だけです。この動画には付きません。
}
tiktok-photos-ai = TikTok の写真には AI による内容を示す表示がないため、表示されません。本文に書いてください。

## 承認するもの
approval-option-tiktok-privacy-public = TikTok で全員に公開されます。
approval-option-tiktok-privacy-followers = TikTok でフォロワーに公開されます。
approval-option-tiktok-privacy-friends = TikTok で友達（相互フォロー）に公開されます。
approval-option-tiktok-privacy-only-me = TikTok で自分だけに表示されます。
approval-option-tiktok-allowed = コメント：{ $comments ->
    [on] オン
   *[off] オフ
}、デュエット：{ $duet ->
    [on] オン
   *[off] オフ
}、リミックス：{ $stitch ->
    [on] オン
   *[off] オフ
}。
approval-option-tiktok-own-brand = 自分のビジネスの宣伝であることを表示します。
approval-option-tiktok-draft = 下書きとして TikTok の受信箱に送られます。TikTok で仕上げて投稿するまで、誰にも見えません。
approval-option-tiktok-title = タイトル：「{ $title }」。
approval-option-tiktok-music = TikTok が音楽を付けます。
approval-option-tiktok-cover = カバー：{ $seconds } 秒の時点。

## TikTok の応答の後
tiktok-privacy-not-offered = この TikTok アカウントでは今、公開範囲「{ $wanted }」を選べません。選べるのは { $offered } です。選び直して、もう一度承認を受けてください。
tiktok-video-long-here = 動画の長さは { $seconds } 秒で、この TikTok アカウントで投稿できるのは { $max } 秒までです。短く切ってください。
tiktok-permission-missing = アカウントの接続時に投稿の権限が許可されていないか、運営者の TikTok アプリが権限を失いました。すべての項目を許可して、アカウントを接続し直してください。
tiktok-banned = TikTok がこのアカウントの新しい投稿を止めています。TikTok アプリで確かめてから、アカウントを接続し直してください。
tiktok-spam = TikTok がこの投稿をスパムと判断し、再送しないよう求めています。本文を変えるか、TikTok アプリで投稿してください。
tiktok-url-unverified = TikTok がこのサーバーのアドレスをアプリのものと認めていません。何も公開されていません。運営者が server.public_url のアドレスを TikTok で確認してもらう必要があります。
tiktok-app-old = アカウントの携帯電話の TikTok アプリが古く、写真の下書きを受け取れません。31.8 以降に更新して、もう一度お試しください。
tiktok-refused = TikTok が投稿を拒否しました：「{ $detail }」。内容を変えて、もう一度予約してください。
tiktok-media-failed = TikTok が動画または写真を使えませんでした（{ $detail }）。同じファイルではまた失敗します。別の方法で保存し、差し替えてください。
tiktok-cancelled = 投稿は公開される前に TikTok で止められました。
tiktok-look = TikTok からはっきりした応答がなく、公開されていない投稿は一覧に出ません。そのアカウントで { $link } か TikTok アプリを開き、投稿があるか確かめてください。あれば「公開されている」を、なければ「公開されていないので送る」を選んでください。
tiktok-remove-by-hand = TikTok では、アプリから投稿を削除できません。TikTok アプリで削除してください。
notice-revoke-unconfirmed-tiktok = @{ $handle } の接続を解除し、こちらのトークンはもう使われませんが、無効になったという TikTok の確認がありません。TikTok アプリの「設定とプライバシー」→「セキュリティと権限」→「アプリとサービスの権限」で Socrazi を削除してください。

## 運営者の準備
setup-tiktok-app = developers.tiktok.com で、プロダクト Login Kit と Content Posting API（Direct Post を有効）のアプリを作ります。server.public_url が https ならウェブアプリ、この機器ならデスクトップアプリです。
setup-tiktok-scopes = アプリに次のスコープを加えます：{ $scopes }。
setup-tiktok-audit = Content Posting API の審査（audit）を申請し、通ったら tiktok.audited を on にします。
setup-tiktok-webhook = Webhook のコールバックアドレス { $url } を登録します（https のみ）。
setup-tiktok-keys = tiktok.client_key と tiktok.client_secret に、アプリのページの値を設定します。
setup-tiktok-audited = TikTok はこのアプリを審査済みです（tiktok.audited は on）。
setup-tiktok-unaudited = TikTok の審査がまだです（tiktok.audited は off）。投稿は本人だけに見える設定で、非公開アカウントから、1日5人までに限られます。それより広い公開範囲は、確認の時点で断られます。
setup-tiktok-photos = 写真を投稿できます。TikTok は server.public_url を確認済みです（tiktok.url_verified は on）。
setup-tiktok-no-photos = 写真には、TikTok が確認した https の server.public_url が必要です（確認後に tiktok.url_verified を on にします）。それまで写真は、確認の時点で断られます。
