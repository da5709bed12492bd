# What YouTube's rules and answers mean to a person. Key: youtube-thing-case.

## Before anything is sent
youtube-title-none = The video has no title. Write it as the first line of the text, or give one by itself.
youtube-title-too-long = The title has { $length } characters and YouTube takes { $max }. It is the first line of the text unless one is given by itself. Shorten it.
youtube-text-too-long = The description is { $length } bytes long and YouTube takes { $max }: shorten it by { $over }. Letters outside English count 2 to 4 bytes.
youtube-brackets = YouTube takes no < and > in a title or description. Take them out.
youtube-no-threads = YouTube has no threads, and this is one of { $count } parts. Put one video into one post.
youtube-poll = YouTube has no polls with videos. Take the poll off.
youtube-media-missing = The medium { $media } is not here any more. Upload it again or take it off the post.
youtube-media-kind = YouTube does not take files of the type { $mime } ({ $media }). Use one video, and a JPEG or PNG for its thumbnail.
youtube-video-none = There is no video. Add exactly one; a picture beside it becomes its thumbnail.
youtube-videos-several = The post has { $count } videos and YouTube publishes one at a time. Make posts of their own.
youtube-thumbnails-several = The post has { $count } pictures, and a video has one thumbnail. Take the others off.
youtube-video-too-large = The video { $media } is larger than { $max } GiB, which is the most that YouTube takes. Make it smaller.
youtube-video-long = The video { $media } is longer than { $minutes } minutes. YouTube takes that only from channels that verified themselves (youtube.com/verify).
youtube-short = YouTube will show this video as a Short: it is short, and no wider than high.
youtube-alt = YouTube takes no description of videos and thumbnails, so that of { $media } is not sent. Say in the text what is seen.
youtube-repliers = YouTube does not let apps limit who may comment. Leave it at everyone.
youtube-paid = The mark for paid promotion cannot be set from here. Tick it in YouTube Studio, where it is asked of you, before or after the video is out.
youtube-for-kids = Is this video made for children? The law wants it said, and YouTube treats such videos differently. Ask the person and set options.youtube.for_kids to true or false.
youtube-tags-too-long = The tags are { $length } characters long together and YouTube takes { $max }. Take some off.
youtube-tag-wrong = “{ $tag }” cannot be a tag. A tag is not empty and has no comma, < or >.
youtube-category = YouTube has no category “{ $category }” for videos. The rules of the network list the numbers.
youtube-unaudited = This server's Google project has not passed YouTube's audit, so YouTube would keep the video private for good. Choose the visibility “private”, or whoever runs the server applies for the audit and then sets google.youtube_audit to passed.

## What YouTube answers
youtube-no-channel = This Google account has no YouTube channel, so there is nowhere to publish. Make one on youtube.com, then connect again and choose it.
youtube-permission-missing = The channel is connected without the permission to manage its videos. Connect it again and grant it.
youtube-other-channel = The Google account acts as another channel by now than @{ $handle }. Nothing can be seen there. Connect again and choose this channel on Google's page.
youtube-channel-closed = YouTube says that the channel or its Google account is suspended or closed. Nothing goes out until its owner has settled that with YouTube.
youtube-quota-day = This server's daily quota at YouTube is used up (100 uploads, and 10,000 units for everything else, for everybody on it). It is filled again at midnight in California, in at most { $hours } hours. Nothing can be seen of this video; plan it for after that.
youtube-upload-limit = YouTube takes no more uploads of this channel for today, whatever the app. It usually takes them again after 24 hours; plan it for then.
youtube-api-off = The YouTube Data API is not switched on in this server's Google project. Whoever runs the server must enable it.
youtube-refused = YouTube refused the video: “{ $detail }”. Change it and schedule it again.
youtube-video-failed = YouTube could not use the video ({ $detail }). It stays private on the channel. The same file will fail again: save it in another way and replace it.
youtube-thumbnail-unverified = YouTube takes thumbnails only from channels with a verified phone number. Verify it at youtube.com/verify, or take the picture off. The video is on the channel as a private one.
youtube-locked = YouTube took the video and keeps it private, because this server's Google project has not passed its audit: { $link }. Whoever runs the server must apply for the audit; a video that was locked is uploaded again after that.
youtube-look = It is not known which video this is. Open { $link }: is it there and visible? If it is, copy its address and choose “It is there”; if it is not, “It is not there: send it”.
youtube-look-gone = YouTube did not answer clearly, and the uploaded video is not on the channel any more. Look in { $link } whether somebody removed it. If it should go out, choose “It is not there: send it”: it is uploaded again.
youtube-remove-unknown = Which video this is is not known, so it cannot be removed from here. Remove it in YouTube Studio.

## Disconnecting
notice-revoke-unconfirmed-youtube = @{ $handle } is disconnected and its tokens are destroyed here, but the permission at Google may still stand: it is shared with your other connections, or Google did not confirm. To end all of it, remove Socrazi at myaccount.google.com/permissions.

## What it takes of whoever runs the server
setup-youtube-audit = Apply for YouTube's API audit; when it is passed, set google.youtube_audit to passed.
setup-youtube-audited = The Google Cloud project has passed YouTube's audit (google.youtube_audit is passed).
setup-youtube-unaudited = The Google Cloud project has not passed YouTube's API audit (google.youtube_audit is none): every video stays private. Any other visibility is refused when a post is checked.
setup-youtube-quota = 100 uploads a day and 10,000 units for everything else, from midnight to midnight Pacific.
