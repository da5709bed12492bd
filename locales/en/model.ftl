# The conversational core's model.
model-none = Conversation is off: set gemini.api_key (socrazi doctor says how). Everything else works without it.
model-key = The model service refuses the key. Whoever runs this server must check gemini.api_key; socrazi doctor says more.
model-gone = The model { $model } does not exist any more. Whoever runs this server must set gemini.model to another one.
model-limited = The model service asks us to wait about { $seconds } seconds. Please send it again then.
model-limited-daily = Today's quota of the model service is used up. It begins anew at midnight Pacific time.
model-busy = The model service is overloaded just now. Nothing was done; please send it again in a minute.
model-not-taken = The model service did not take the request. This is our mistake or the service is not offered here; the log says more.
model-blocked = The model service declined to answer that. Nothing was done; please say it differently.
model-cut = The answer broke off. What was done is shown; please ask again for the rest.
