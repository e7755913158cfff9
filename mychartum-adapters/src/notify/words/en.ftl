# English. One message a notice: its subject and body for e-mail, the line before its link, its text for telephones.
# Plain words, short sentences, nothing about health. A text leaves room for a link of 125 characters.

activation =
    .subject = Open your { $portal } account
    .body = You can now open an account at { $portal }. Use the link below. You will need your date of birth. The link works only once.
    .link = Open your account:
    .text = Open your account:
password-reset =
    .subject = Choose a new password
    .body = Someone asked for a new password for your account at { $portal }. If it was you, use the link below. If it was not you, you can ignore this message. Your password stays the same.
    .link = Choose a new password:
    .text = Choose a new password:
username-reminder =
    .subject = You asked for your sign-in name
    .body = Someone asked which name you use to sign in at { $portal }. If it was not you, you can ignore this message.
    .link = See your sign-in name:
    .text = You asked for your sign-in name. See it here:
contact-code =
    .subject = Your code for { $portal }
    .body = Your code is { $code }. Type it in the page where you asked for it. It shows us that you can read messages here. Do not give the code to anyone. We will never ask you for it.
    .link = Go to the portal:
    .text = Your code is { $code }. Do not give it to anyone.
sign-in-code =
    .subject = Your sign-in code
    .body = Your code to sign in at { $portal } is { $code }. Do not give it to anyone. We will never ask you for it. If you did not try to sign in, someone may know your password. Change it soon.
    .link = Go to the portal:
    .text = Your sign-in code is { $code }. Do not give it to anyone.
new-sign-in =
    .subject = New sign-in to your account
    .body = Someone signed in to your account at { $portal } from a new device or browser. If it was you, all is well. If it was not you, use the link below. We will lock your account to keep it safe.
    .link = This was not me:
    .text = New sign-in to your account. Not you?
account-opened =
    .subject = Your account is open
    .body = Your account at { $portal } is open. You can sign in at any time.
    .link = Sign in:
    .text = Your account is open. Sign in:
password-changed =
    .subject = Your password was changed
    .body = The password of your account at { $portal } was changed. If it was you, all is well. If it was not you, use the link below. We will lock your account to keep it safe.
    .link = This was not me:
    .text = Your password was changed. Not you?
factor-added =
    .subject = You have a new sign-in step
    .body = A new step was added to how you sign in at { $portal }. If you did not add it, sign in and look at your security page.
    .link = Sign in:
    .text = A sign-in step was added to your account. Not you? Sign in:
factor-removed =
    .subject = A sign-in step was removed
    .body = A step was removed from how you sign in at { $portal }. If it was you, all is well. If it was not you, use the link below. We will lock your account to keep it safe.
    .link = This was not me:
    .text = A sign-in step was removed. Not you?
recovery-codes-made =
    .subject = You have new recovery codes
    .body = New recovery codes were made for your account at { $portal }. The old codes no longer work. If you did not make them, sign in and look at your security page.
    .link = Sign in:
    .text = New recovery codes were made for your account. Not you? Sign in:
recovery-code-used =
    .subject = A recovery code was used
    .body = Someone used a recovery code to sign in to your account at { $portal }. If it was you, all is well. If it was not you, use the link below. We will lock your account to keep it safe.
    .link = This was not me:
    .text = A recovery code was used. Not you?
recovery-started =
    .subject = Someone asked to skip your second sign-in step
    .body = Someone asked to sign in to your account at { $portal } without the second step. { $dated ->
        [yes] This will be allowed on { $day }.
       *[no] This will be allowed soon.
    } If you asked for it, you only need to wait. If it was not you, stop it with the link below.
    .link = Stop it:
    .text = { $dated ->
        [yes] Sign-in reset { $day }. Not you?
       *[no] Sign-in reset soon. Not you?
    }
recovery-cancelled =
    .subject = Your sign-in steps stay as they are
    .body = Someone had asked to sign in to your account at { $portal } without the second step. That was stopped. Your sign-in steps stay as they are.
    .link = Sign in:
    .text = The change to your sign-in steps was stopped. Sign in:
recovery-done =
    .subject = Your second sign-in step was removed
    .body = The second step was removed from how you sign in at { $portal }. Please sign in and set up a new one. If you did not ask for this, call the clinic.
    .link = Sign in:
    .text = Your second sign-in step was removed. Set up a new one:
contact-added =
    .subject = A contact was added to your account
    .body = A new e-mail address or phone number was added to your account at { $portal }. If you did not add it, sign in and look at your profile.
    .link = Sign in:
    .text = A contact was added to your account. Not you? Sign in:
contact-removed =
    .subject = A contact was removed from your account
    .body = An e-mail address or phone number was removed from your account at { $portal }. If you did not remove it, sign in and look at your profile.
    .link = Sign in:
    .text = A contact was removed from your account. Not you? Sign in:
account-frozen =
    .subject = Your account is locked
    .body = Someone told us that a change to your account at { $portal } was not made by you. So we locked the account. Nobody can sign in now. The clinic can open it for you again.
    .link = Go to the portal:
    .text = Your account is locked to keep it safe. What to do next:
account-reactivated =
    .subject = Your account is open again
    .body = Your account at { $portal } is open again. You can sign in.
    .link = Sign in:
    .text = Your account is open again. Sign in:
account-deactivated =
    .subject = Your account is closed
    .body = Your account at { $portal } is closed. Nobody can sign in with it. If you did not ask for this, call the clinic.
    .link = Go to the portal:
    .text = Your account is closed. If you did not ask for this, call the clinic.
accounts-merged =
    .subject = Your two accounts are now one
    .body = You had two accounts at { $portal }. They are now one. If you did not ask for this, call the clinic.
    .link = Sign in:
    .text = Your two accounts are now one. Sign in:
confidential-address-changed =
    .subject = Your private address was changed
    .body = The address where you want private mail was changed at { $portal }. If you did not change it, sign in and look at your profile.
    .link = Sign in:
    .text = Your address for private mail was changed. Not you? Sign in:
proxy-began =
    .subject = Someone can now act for someone at { $portal }
    .body = There is a new helper at { $portal }. One person can now act for another, and you are one of the two. Sign in to see who.
    .link = Sign in:
    .text = There is a new helper in your account. See who:
proxy-ended =
    .subject = Someone no longer acts for someone at { $portal }
    .body = One person could act for another at { $portal }, and you are one of the two. That has ended. Sign in to see more.
    .link = Sign in:
    .text = A helper no longer has access. See more:
birthday-ahead =
    .subject = Who can see what will change on a birthday
    .body = A birthday is coming at { $portal }. { $dated ->
        [yes] On { $day } it will change who can see what.
       *[no] It will change who can see what.
    } Sign in to see how.
    .link = Sign in:
    .text = { $dated ->
        [yes] On { $day } who can see what will change. See how:
       *[no] Soon who can see what will change. See how:
    }
proxy-ends-soon =
    .subject = Access will end soon
    .body = { $dated ->
        [yes] At { $portal }, access of one person for another ends on { $day }.
       *[no] At { $portal }, access of one person for another ends soon.
    } You can sign in and ask for more time.
    .link = Sign in:
    .text = { $dated ->
        [yes] Access ends on { $day }. Ask for more time:
       *[no] Access ends soon. Ask for more time:
    }
glass-broken =
    .subject = Your record was opened with special access
    .body = Someone who works for the clinic used special access at { $portal }. Such access is always checked by the clinic. Sign in to see who it was.
    .link = Sign in:
    .text = Special access was used by the clinic. See who:
profile-decided =
    .subject = Your changes were checked
    .body = The clinic checked the changes you asked for at { $portal }. Sign in to see what was decided.
    .link = Sign in:
    .text = The clinic checked the changes you asked for. See more:
new-record =
    .subject = There is something new for you
    .body = There is something new for you at { $portal }. Sign in to see it.
    .link = Sign in:
    .text = There is something new for you. Sign in:
digest =
    .subject = { $count ->
        [0] There is news for you
        [one] There is { $count } new thing for you
       *[other] There are { $count } new things for you
    }
    .body = { $count ->
        [0] There is news for you at { $portal }.
        [one] There is { $count } new thing for you at { $portal }.
       *[other] There are { $count } new things for you at { $portal }.
    } Sign in to see more.
    .link = Sign in:
    .text = { $count ->
        [0] There is news for you. Sign in:
        [one] There is { $count } new thing for you. Sign in:
       *[other] There are { $count } new things for you. Sign in:
    }

# What is around every message. The text's frame is left out where the message would grow too long.
frame =
    .foot = This message says no more on purpose, to keep your privacy. Please do not reply to it.
    .text = { $portal }: { $text }
    .day = { $month } { $number }
    .short-day = { $month } { $number }

month-1 = January
    .short = Jan
month-2 = February
    .short = Feb
month-3 = March
    .short = Mar
month-4 = April
    .short = Apr
month-5 = May
    .short = May
month-6 = June
    .short = Jun
month-7 = July
    .short = Jul
month-8 = August
    .short = Aug
month-9 = September
    .short = Sep
month-10 = October
    .short = Oct
month-11 = November
    .short = Nov
month-12 = December
    .short = Dec
