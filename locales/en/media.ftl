# Pictures and videos on their way in.
media-kind-wrong = This file is not one that can be posted ({ $given }). Send a JPEG, PNG, GIF or WebP picture, an MP4 or MOV video, or a PDF (for LinkedIn).
media-broken = The file is damaged or not what it says it is. Save it again and send that.
media-too-large = The file is larger than { $max }. Make it smaller.
media-pixels = The picture measures { $size } pixels, more than { $max } million in all. Make it smaller.
media-alt-too-long = The description is longer than { $max } characters. Shorten it.
media-not-found = There is no medium { $id } here. attach_media brings one in.
media-not-found-for-people = There is no such picture or video of yours here any more. Bring it in again.
media-url-wrong = { $url } cannot be fetched: only public https addresses without a user name. Use upload: true for a file of the person's own.
media-url-too-large = The file behind the address is larger than { $max }. Use upload: true for large files.
media-url-failed = { $url } did not deliver: { $why }. Check the address, or use upload: true.
media-stored = Stored as { $id } ({ $mime }, { $size }). Name it in a segment's media.
media-dry-run = The arguments fit; nothing was fetched.

upload-link = Give this link to the person: { $url } They choose the files there (up to { $max } MiB each, ten in all, within 30 minutes). Then call attach_media with upload_id { $id }.
upload-nothing-yet = Nothing has arrived yet. Ask again after the person says that they sent it.
upload-nothing-over = Nothing arrived, and the link has ended. Ask for a new one with upload: true.
upload-arrived = { $count ->
    [one] One file arrived
   *[other] { $count } files arrived
}: { $ids }. Name them in a segment's media.
upload-not-found = There is no such upload link, or it has ended. Ask for a new one.
upload-full = This link has taken its { $max } files. Ask for a new one.
upload-no-file = No file was chosen. Choose one and send again.
upload-cut = The file did not arrive whole. Send it again.
upload-title = Send pictures, a video or a PDF
upload-lead = Choose them here. Then go back to your conversation: they are waiting there.
upload-here = Arrived:
upload-alt = Description for people who cannot see it (optional)
upload-file = Files
upload-send = Send
upload-private = Place, device and date are taken out of pictures and videos before they are kept. A PDF is kept as it is, with whatever it says about its author.
upload-until = This link is open until
