# すでに SNS にある動画と、その変更について。キーは video-thing-case。
approval-act-video = @{ $handle }（YouTube）の動画「{ $title }」を変更する： https://youtu.be/{ $video }
video-edit-field = { $field ->
    [title] タイトル
    [description] 説明文
    [tags] タグ
   *[thumbnail] 新しいサムネイル
}
video-edit-exactly = 承認すると、次のとおりに変更されます。ほかは変わりません。
video-edit-before = いま：
video-edit-after = 変更後：
video-edit-nothing-there = （なし）
video-edit-done = 変更しました。いまはこのとおりになっています。
video-edit-under-way = SNS からはっきりした応答がありませんでした。最長 1 日、自動で確かめて再試行し、結果をお知らせします。
video-edit-not-yet = SNS からはっきりした応答がなかったため動画を確かめたところ、まだ変更前のままでした。最長 1 日、自動で再試行し、結果をお知らせします。
video-edit-unclear = 動画の変更について、1 日たっても SNS からはっきりした応答がありませんでした。いまの状態を SNS で確かめ、望みどおりでなければ、もう一度変更を頼んでください。
video-edit-changed = 確認をお願いした後に、動画がほかで変更されていました。そのため何も書き込んでいません。いまの内容を確かめて、あらためて変更を頼んでください。
video-edit-not-there = 動画がすでになくなっているため、何も変更していません。
video-edit-gone = 変更の対象（アカウント、画像、または文章）がここになくなっているため、何も変更していません。
video-edit-half = 文章は変更しました。新しいサムネイルは YouTube に拒否されたため、元のままです。
video-edit-half-unverified = 文章は変更しました。サムネイルは元のままです。YouTube では、電話番号を確認済みのチャンネル（youtube.com/verify）だけがサムネイルを設定できます。
video-edit-nothing = すでにそのとおりになっています。どこを変えたいか教えてください。
video-not-found = @{ $handle } に「{ $given }」という動画はありません。先に動画の一覧を確かめ、ID かアドレスで指定してください。
video-account-none = YouTube チャンネルが接続されていません。先に接続してください。
video-network-none = { $network } にすでにある動画は、ここから一覧を見たり変更したりできません。
video-network-away = { $network } から応答がありませんでした。数分後にもう一度お試しください。
notice-video-edit-done = 承認いただいた動画の変更が終わりました。SNS の応答を待っていたものです。
youtube-edit-quota = このサーバーの YouTube の 1 日分の割り当てを使い切ったため、何も変更していません。長くても { $hours } 時間後、カリフォルニアの午前 0 時に戻ります。その後でもう一度頼んでください。
youtube-edit-refused = YouTube が変更を拒否しました：「{ $detail }」。何も変更していません。別の内容で頼んでください。
youtube-edit-thumbnail-unverified = サムネイルを設定できるのは、電話番号を確認済みのチャンネルだけなので、何も変更していません。youtube.com/verify で確認してください。
