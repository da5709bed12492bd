## Figures that networks count of posts

figures-not-given = { $network } gives this server no figures of posts: they are unknown here, not zero.
figures-how = Figures are each network's own counts, as read so many hours after the post went out; of a thread they are those of its first post. What is empty is unknown, not zero.
figures-of-account = { $account }: { $why }
figures-scope-missing = It was connected without the permission to read figures ({ $scope }). Posts go out all the same; to have figures, connect it again and allow everything that is asked for.
figures-not-yet = No figures yet: posts are read from { $hours } hours after they went out on, and not while the server is off.
figures-untold = The network told no figures of these posts: they are unknown, or the posts are not there any more.
figures-winner = { $post } on { $account } had { $figure } { $measure } { $hours } hours after it went out: { $times } times the median ({ $median }) of { $count } posts of that account at that age.
figures-winner-alone = { $post } on { $account } had { $figure } { $measure } { $hours } hours after it went out, where the median of { $count } posts of that account at that age is { $median }.
figures-winner-next = For each of these, read it whole and write three follow-ups with create_draft for the same account: a question that it left open, the same for other people, and what came of it (the prompt follow_up brings all that is needed). Say that they are drafts and why this post; the server wrote none of them.
followups-title = Posts that beat their account's median
followups-none = No post has beaten its account's median so far. At least five posts of an account must be counted at the same age.
followups-do = Draft three follow-ups
followups-off = Nothing here can write them: ask your assistant for follow-ups (its prompt is called “Follow up”).
followups-wish = Write three follow-ups to my post { $post }, each as a draft of its own for the same account: a question that it left open, the same for other people, and what came of it. Schedule none of them.
