# YouTube の規則と応答を人に伝える文。キーは youtube-thing-case。

## 送信の前
youtube-title-none = 動画のタイトルがありません。本文の 1 行目に書くか、タイトルを別に指定してください。
youtube-title-too-long = タイトルが { $length } 文字あり、YouTube の上限 { $max } 文字を超えています。別に指定しなければ本文の 1 行目がタイトルになります。短くしてください。
youtube-text-too-long = 説明文が { $length } バイトあり、YouTube の上限 { $max } バイトを { $over } バイト超えています。日本語などの文字は 1 文字で 2～4 バイトです。短くしてください。
youtube-brackets = YouTube のタイトルと説明文には < と > を使えません。取り除いてください。
youtube-no-threads = YouTube にスレッドはありませんが、この投稿は { $count } 件に分かれています。1 つの投稿に動画を 1 本だけ入れてください。
youtube-poll = YouTube の動画に投票は付けられません。投票を外してください。
youtube-media-missing = メディア { $media } が見つかりません。もう一度アップロードするか、投稿から外してください。
youtube-media-kind = YouTube では { $mime } 形式のファイル（{ $media }）を使えません。動画を 1 本と、必要ならサムネイル用の JPEG か PNG を付けてください。
youtube-video-none = 動画がありません。1 本だけ付けてください。一緒に付けた画像はサムネイルになります。
youtube-videos-several = 動画が { $count } 本あります。YouTube には 1 本ずつ公開します。別々の投稿にしてください。
youtube-thumbnails-several = 画像が { $count } 枚あります。サムネイルは 1 枚だけです。ほかは外してください。
youtube-video-too-large = 動画 { $media } は YouTube の上限 { $max } GiB を超えています。小さくしてください。
youtube-video-long = 動画 { $media } は { $minutes } 分より長いため、YouTube で確認済みのチャンネル（youtube.com/verify）でなければ受け付けられません。
youtube-short = 短く、横長でない動画なので、YouTube ではショートとして表示されます。
youtube-alt = YouTube には動画とサムネイルの説明を送れないため、{ $media } の説明は送られません。映っているものは本文に書いてください。
youtube-repliers = YouTube では、コメントできる人をアプリから限ることはできません。全員のままにしてください。
youtube-paid = 有料プロモーションの表示はここからは設定できません。公開の前か後に、YouTube Studio で本人がチェックを入れてください。
youtube-for-kids = この動画は子ども向けですか。法律により申告が必要で、YouTube での扱いも変わります。本人に確認し、options.youtube.for_kids を true か false にしてください。
youtube-tags-too-long = タグが合わせて { $length } 文字あり、YouTube の上限 { $max } 文字を超えています。減らしてください。
youtube-tag-wrong = 「{ $tag }」はタグにできません。空にはできず、コンマと < と > も使えません。
youtube-category = YouTube の動画に「{ $category }」というカテゴリはありません。番号は SNS の規則に載っています。
youtube-unaudited = このサーバーの Google プロジェクトは YouTube の審査を通っていないため、動画はずっと非公開のままになります。公開範囲を「非公開」にするか、運営者が審査を受けたうえで google.youtube_audit を passed にしてください。

## YouTube の応答の後
youtube-no-channel = この Google アカウントには YouTube チャンネルがないため、公開先がありません。youtube.com でチャンネルを作り、接続し直して選んでください。
youtube-permission-missing = 動画を管理する許可がないままチャンネルが接続されています。接続し直して許可してください。
youtube-other-channel = Google アカウントの接続先が、いまは @{ $handle } ではない別のチャンネルになっています。何も公開されていません。接続し直し、Google の画面でこのチャンネルを選んでください。
youtube-channel-closed = YouTube によると、チャンネルか Google アカウントが停止または閉鎖されています。持ち主が YouTube との間で解決するまで、何も公開されません。
youtube-quota-day = このサーバーの YouTube の 1 日分の割り当て（アップロード 100 本、そのほか 10,000 ユニット。利用者全員の合計）を使い切りました。長くても { $hours } 時間後、カリフォルニアの午前 0 時に戻ります。この動画はまだ誰にも見えません。その後の時刻で予約してください。
youtube-upload-limit = このチャンネルの今日のアップロードは YouTube の上限に達しました。どのアプリからでも同じです。ふつうは 24 時間後に戻ります。その後の時刻で予約してください。
youtube-api-off = このサーバーの Google プロジェクトで YouTube Data API が有効になっていません。運営者が有効にする必要があります。
youtube-refused = YouTube が動画を拒否しました：「{ $detail }」。内容を変えて、もう一度予約してください。
youtube-video-failed = YouTube がこの動画を使えませんでした（{ $detail }）。チャンネルに非公開のまま残っています。同じファイルではまた失敗します。別の方法で保存し、差し替えてください。
youtube-thumbnail-unverified = サムネイルを設定できるのは、電話番号を確認済みのチャンネルだけです。youtube.com/verify で確認するか、画像を外してください。動画は非公開でチャンネルに入っています。
youtube-locked = このサーバーの Google プロジェクトが審査を通っていないため、YouTube は動画を受け取ったうえで非公開のままにしています： { $link }。運営者が審査を受ける必要があり、ロックされた動画はその後でアップロードし直します。
youtube-look = どの動画かが分かりません。{ $link } を開いて、動画があり、見られる状態か確かめてください。あればアドレスをコピーして「公開されている」を、なければ「公開されていないので送る」を選んでください。
youtube-look-gone = YouTube からはっきりした応答がなく、アップロードした動画もチャンネルに見当たりません。誰かが削除していないか { $link } で確かめてください。公開するなら「公開されていないので送る」を選んでください。もう一度アップロードします。
youtube-remove-unknown = どの動画かが分からないため、ここからは削除できません。YouTube Studio で削除してください。

## 接続の解除
notice-revoke-unconfirmed-youtube = @{ $handle } の接続を解除し、こちらのトークンは破棄しましたが、Google 側の許可が残っている可能性があります。ほかの接続と共通の許可であるか、Google の確認が取れなかったためです。すべて終わらせるには、myaccount.google.com/permissions で Socrazi を削除してください。

## 運営者の準備
setup-youtube-audit = YouTube の API 審査（audit）を申請し、通ったら google.youtube_audit を passed にします。
setup-youtube-audited = Google Cloud プロジェクトは YouTube の審査に通っています（google.youtube_audit は passed）。
setup-youtube-unaudited = Google Cloud プロジェクトは YouTube の API 審査に通っていません（google.youtube_audit は none）。動画はすべて非公開のままになるため、ほかの公開範囲は確認の時点で断られます。
setup-youtube-quota = アップロードは1日100本、そのほかは1日10,000ユニットまでです（太平洋時間の0時区切り）。
