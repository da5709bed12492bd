## Figures that networks count of posts

figures-not-given = { $network } gives this server no figures of posts: they are unknown here, not zero.
