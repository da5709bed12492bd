# Pictures and videos on their way in.
media-kind-wrong = This file is not one that can be posted ({ $given }). Send a JPEG, PNG, GIF or WebP picture, an MP4, MOV or WebM video, or a PDF (for LinkedIn).
media-broken = The file is damaged or not what it says it is. Save it again and send that.
media-too-large = The file is larger than { $max }. Make it smaller.
media-pixels = The picture measures { $size } pixels, more than { $max } million in all. Make it smaller.
media-alt-too-long = The description is longer than { $max } characters. Shorten it.
media-not-found = There is no medium { $id } here. attach_media brings one in.
media-not-found-for-people = There is no such picture or video of yours here any more. Bring it in again.
media-url-wrong = { $url } cannot be fetched: only public https addresses without a user name. Use upload: true for a file of the person's own.
media-url-too-large = The file behind the address is larger than { $max }. Use upload: true for large files.
media-url-failed = { $url } did not deliver: { $why ->
    [status] it answered with HTTP { $status }
    [redirects] it leads on too often
    [large] what is there is too large
    [kind] what is there is of another kind
    [address] it is no public https address
   *[unreachable] it could not be reached
}. Check the address, or use upload: true.
media-file-wrong = { $path } is no file that can be taken in. Name the whole path (or one that begins with ~/) of a picture, video or PDF on this machine that its user may read; folders, devices and empty files are none.
media-file-elsewhere = Files of a machine are taken in only from the person's own client on it (over stdio). Use upload: true for a file of theirs.
media-stored = Stored as { $id } ({ $mime }, { $size }). Name it in a segment's media.
media-not-kept = The file could not be kept: the place where files are stored does not take it at this moment. Send it again later; whoever runs this server finds the reason in its log.
media-dry-run = The arguments fit; nothing was fetched.
media-used = { $count ->
    [one] A draft or post uses it. Delete that first, or take it out of the draft; older versions of a draft count, too.
   *[other] { $count } drafts and posts use it. Delete those first; older versions of a draft count, too.
}
media-kept = { $id } stays: something uses it since you were asked.
media-here = { $count ->
    [0] No picture, film or document is here.
    [one] One is here. Name its id in a segment's media to use it again.
   *[other] { $count } are here, the newest first. Name an id in a segment's media to use it again; list with media set to the last id shows older ones.
}
media-title = Pictures, films and documents
media-note = What was brought in for posts. It stays until you delete it; what a post uses goes with that post at the earliest.
media-none = Nothing was brought in yet. Ask your assistant for an upload link, or drop a file into a conversation.
media-uses = { $count ->
    [0] Used by nothing
    [one] In one draft or post
   *[other] In { $count } drafts and posts
}
media-open = Look at it
media-delete = Delete for good
media-older = Older ones

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
upload-too-large-together = These files are too large together. Send them one at a time.
upload-offset = The file goes on at byte { $at }. Ask where it is and send from there.
upload-beyond = More came than the { $max } bytes that were announced. Nothing of this piece was kept.
upload-length = The request does not say in whole numbers how long the file is or where the piece belongs (Upload-Length, Upload-Offset).
upload-title = Send pictures, a video or a PDF
upload-lead = Choose them here. Then go back to your conversation: they are waiting there.
upload-here = Arrived:
upload-alt = Description for people who cannot see it (optional)
upload-file = Files
upload-send = Send
upload-private = Place, device and date are taken out of pictures and videos before they are kept. A PDF is kept as it is, with whatever it says about its author.
upload-until = This link is open until

# Pictures that a network would not take as they are.
picture-made-type = { $network } does not take { $mime }: the picture { $media } goes out as a JPEG made of it, of { $made } pixels at the most. What is transparent becomes white, and of an animation the first frame is left.
picture-made-size = The picture { $media } measures { $size } pixels, more than { $network } takes: it goes out as a JPEG made of it, shrunk to { $made }.
picture-made-bytes = The picture { $media } has { $megabytes } MB and { $network } takes { $max }: it goes out as a smaller JPEG made of it, of { $made } pixels at the most.
picture-unreadable = No JPEG for { $network } could be made of the picture { $media }: it cannot be read, or is too large to be worked on. Save it as a JPEG and replace it.

# How a video is written.
film-codec = The video { $media } is written as { $codec }, and { $network } takes { $codecs }. Export it again as H.264.
film-fps = The video { $media } shows { $fps } pictures a second, and { $network } takes { $min } to { $max }. Export it again with 30.
film-index = { $network } takes videos whose index stands first, and that of { $media } stands at its end: it is put first on its way, and nothing else changes.
