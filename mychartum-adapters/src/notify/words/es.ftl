# Español. Un mensaje por aviso: asunto y cuerpo para el correo, la línea antes del enlace, y el texto para teléfonos.
# En `.text` solo hay letras del alfabeto GSM 03.38: é, ñ, ¿ sí; á, í, ó, ú no.

activation =
    .subject = Abra su cuenta en { $portal }
    .body = Ya puede abrir una cuenta en { $portal }. Use el enlace de abajo. Va a necesitar su fecha de nacimiento. El enlace sirve una sola vez.
    .link = Abrir su cuenta:
    .text = Abra su cuenta:
password-reset =
    .subject = Elija una nueva contraseña
    .body = Alguien pidió una nueva contraseña para su cuenta en { $portal }. Si fue usted, use el enlace de abajo. Si no fue usted, no haga nada. Su contraseña sigue igual.
    .link = Elegir una nueva contraseña:
    .text = Elija una nueva contraseña:
username-reminder =
    .subject = Usted pidió su nombre de usuario
    .body = Alguien preguntó con qué nombre entra usted en { $portal }. Si no fue usted, no haga nada.
    .link = Ver su nombre de usuario:
    .text = Vea con qué nombre entra en su cuenta:
contact-code =
    .subject = Su código para { $portal }
    .body = Su código es { $code }. Escríbalo en la página donde lo pidió. Así sabemos que usted recibe mensajes aquí. No dé el código a nadie. Nunca se lo vamos a pedir.
    .link = Ir al portal:
    .text = Su clave es { $code }. No se la dé a nadie.
sign-in-code =
    .subject = Su código para entrar
    .body = Su código para entrar en { $portal } es { $code }. No lo dé a nadie. Nunca se lo vamos a pedir. Si usted no quiso entrar, alguien puede tener su contraseña. Cámbiela pronto.
    .link = Ir al portal:
    .text = Su clave para entrar es { $code }. No se la dé a nadie.
new-sign-in =
    .subject = Alguien entró en su cuenta
    .body = Alguien entró en su cuenta en { $portal } con un aparato o navegador nuevo. Si fue usted, todo está bien. Si no fue usted, use el enlace de abajo. Vamos a cerrar la cuenta para cuidarla.
    .link = No fui yo:
    .text = Nueva entrada en su cuenta. ¿No es usted?
account-opened =
    .subject = Su cuenta está abierta
    .body = Su cuenta en { $portal } está abierta. Puede entrar cuando quiera.
    .link = Entrar:
    .text = Su cuenta ya se puede usar. Entre:
password-changed =
    .subject = Su contraseña cambió
    .body = La contraseña de su cuenta en { $portal } cambió. Si fue usted, todo está bien. Si no fue usted, use el enlace de abajo. Vamos a cerrar la cuenta para cuidarla.
    .link = No fui yo:
    .text = Hay nueva contraseña. ¿No fue usted?
factor-added =
    .subject = Hay un paso nuevo para entrar
    .body = Hay un paso nuevo para entrar en su cuenta en { $portal }. Si usted no lo puso, entre y mire su página de seguridad.
    .link = Entrar:
    .text = Hay un paso nuevo para entrar en su cuenta. ¿No fue usted? Entre:
factor-removed =
    .subject = Se quitó un paso para entrar
    .body = Se quitó un paso para entrar en su cuenta en { $portal }. Si fue usted, todo está bien. Si no fue usted, use el enlace de abajo. Vamos a cerrar la cuenta para cuidarla.
    .link = No fui yo:
    .text = Hay un paso menos. ¿No fue usted?
recovery-codes-made =
    .subject = Tiene nuevos códigos de recuperación
    .body = Se hicieron nuevos códigos de recuperación para su cuenta en { $portal }. Los de antes ya no sirven. Si no fue usted, entre y mire su página de seguridad.
    .link = Entrar:
    .text = Hay nuevas claves de reserva para su cuenta. ¿No fue usted? Entre:
recovery-code-used =
    .subject = Se usó un código de recuperación
    .body = Alguien usó un código de recuperación para entrar en su cuenta en { $portal }. Si fue usted, todo está bien. Si no fue usted, use el enlace de abajo. Vamos a cerrar la cuenta para cuidarla.
    .link = No fui yo:
    .text = Clave de reserva usada. ¿No es usted?
recovery-started =
    .subject = Alguien pidió entrar sin el segundo paso
    .body = Alguien pidió entrar en su cuenta en { $portal } sin el segundo paso. { $dated ->
        [yes] Esto se va a permitir el { $day }.
       *[no] Esto se va a permitir pronto.
    } Si lo pidió usted, solo tiene que esperar. Si no fue usted, párelo con el enlace de abajo.
    .link = Pararlo:
    .text = { $dated ->
        [yes] Cambio el { $day }. ¿No es usted?
       *[no] Cambio pronto. ¿No es usted?
    }
recovery-cancelled =
    .subject = Sus pasos para entrar siguen igual
    .body = Alguien había pedido entrar en su cuenta en { $portal } sin el segundo paso. Eso se paró. Sus pasos para entrar siguen igual.
    .link = Entrar:
    .text = Los pasos para entrar en su cuenta siguen igual. Entre:
recovery-done =
    .subject = Se quitó su segundo paso para entrar
    .body = Se quitó el segundo paso para entrar en su cuenta en { $portal }. Por favor, entre y ponga uno nuevo. Si usted no lo pidió, llame a la clínica.
    .link = Entrar:
    .text = Su cuenta ya no tiene segundo paso para entrar. Ponga uno:
contact-added =
    .subject = Hay un contacto nuevo en su cuenta
    .body = Hay un correo o un teléfono nuevo en su cuenta en { $portal }. Si usted no lo puso, entre y mire su perfil.
    .link = Entrar:
    .text = Hay un contacto nuevo en su cuenta. ¿No fue usted? Entre:
contact-removed =
    .subject = Se quitó un contacto de su cuenta
    .body = Se quitó un correo o un teléfono de su cuenta en { $portal }. Si no fue usted, entre y mire su perfil.
    .link = Entrar:
    .text = Su cuenta tiene un contacto menos. ¿No fue usted? Entre:
account-frozen =
    .subject = Su cuenta está cerrada por seguridad
    .body = Alguien nos dijo que usted no hizo un cambio en su cuenta en { $portal }. Por eso cerramos la cuenta. Nadie puede entrar ahora. La clínica la puede abrir otra vez.
    .link = Ir al portal:
    .text = Cerramos su cuenta para cuidarla. Vea qué hacer:
account-reactivated =
    .subject = Su cuenta está abierta otra vez
    .body = Su cuenta en { $portal } está abierta otra vez. Ya puede entrar.
    .link = Entrar:
    .text = Ya puede usar su cuenta otra vez. Entre:
account-deactivated =
    .subject = Su cuenta está cerrada
    .body = Su cuenta en { $portal } está cerrada. Nadie puede entrar con ella. Si usted no lo pidió, llame a la clínica.
    .link = Ir al portal:
    .text = Cerramos su cuenta. Si no fue usted, llame a su centro:
accounts-merged =
    .subject = Sus dos cuentas ahora son una
    .body = Usted tenía dos cuentas en { $portal }. Ahora son una. Si usted no lo pidió, llame a la clínica.
    .link = Entrar:
    .text = Sus dos cuentas ahora son una. Entre:
confidential-address-changed =
    .subject = Su dirección privada cambió
    .body = La dirección donde quiere recibir cartas privadas cambió en { $portal }. Si no fue usted, entre y mire su perfil.
    .link = Entrar:
    .text = Hay nuevas señas para sus cartas privadas. ¿No fue usted? Entre:
proxy-began =
    .subject = Alguien ya puede actuar por otra persona en { $portal }
    .body = Hay un nuevo ayudante en { $portal }. Una persona ya puede actuar por otra, y usted es una de las dos. Entre para ver quién es.
    .link = Entrar:
    .text = Hay un nuevo ayudante en su cuenta. Entre a ver:
proxy-ended =
    .subject = Alguien ya no actúa por otra persona en { $portal }
    .body = Una persona podía actuar por otra en { $portal }, y usted es una de las dos. Eso terminó. Entre para ver más.
    .link = Entrar:
    .text = Un ayudante ya no tiene acceso. Entre a ver:
birthday-ahead =
    .subject = Un cumpleaños va a cambiar quién ve qué
    .body = Se acerca un cumpleaños en { $portal }. { $dated ->
        [yes] El { $day } va a cambiar quién puede ver qué.
       *[no] Va a cambiar quién puede ver qué.
    } Entre para ver cómo.
    .link = Entrar:
    .text = { $dated ->
        [yes] El { $day } cambia lo que otros pueden ver. Entre:
       *[no] Pronto cambia lo que otros pueden ver. Entre:
    }
proxy-ends-soon =
    .subject = Un acceso termina pronto
    .body = { $dated ->
        [yes] En { $portal }, el acceso de una persona por otra termina el { $day }.
       *[no] En { $portal }, el acceso de una persona por otra termina pronto.
    } Puede entrar y pedir más tiempo.
    .link = Entrar:
    .text = { $dated ->
        [yes] Un acceso termina el { $day }. Entre:
       *[no] Un acceso termina pronto. Entre:
    }
glass-broken =
    .subject = Su expediente se abrió con un acceso especial
    .body = Alguien que trabaja para la clínica usó un acceso especial en { $portal }. La clínica siempre revisa ese acceso. Entre para ver quién fue.
    .link = Entrar:
    .text = Hubo un acceso especial a su cuenta. Entre a ver:
profile-decided =
    .subject = Ya revisamos sus cambios
    .body = La clínica revisó los cambios que usted pidió en { $portal }. Entre para ver qué se decidió.
    .link = Entrar:
    .text = Ya vimos los cambios que usted pide. Entre:
new-record =
    .subject = Hay algo nuevo para usted
    .body = Hay algo nuevo para usted en { $portal }. Entre para verlo.
    .link = Entrar:
    .text = Hay algo nuevo para usted. Entre:
digest =
    .subject = { $count ->
        [0] Hay novedades para usted
        [one] Hay { $count } cosa nueva para usted
       *[other] Hay { $count } cosas nuevas para usted
    }
    .body = { $count ->
        [0] Hay novedades para usted en { $portal }.
        [one] Hay { $count } cosa nueva para usted en { $portal }.
       *[other] Hay { $count } cosas nuevas para usted en { $portal }.
    } Entre para ver más.
    .link = Entrar:
    .text = { $count ->
        [0] Hay novedades para usted. Entre:
        [one] Hay { $count } cosa nueva para usted. Entre:
       *[other] Hay { $count } cosas nuevas para usted. Entre:
    }

# Lo que rodea cada mensaje. El marco del texto se deja fuera donde el mensaje sería demasiado largo.
frame =
    .foot = Este mensaje no dice más a propósito, para cuidar su privacidad. Por favor, no lo responda.
    .text = { $portal }: { $text }
    .day = { $number } de { $month }
    .short-day = { $number } { $month }

month-1 = enero
    .short = ene
month-2 = febrero
    .short = feb
month-3 = marzo
    .short = mar
month-4 = abril
    .short = abr
month-5 = mayo
    .short = may
month-6 = junio
    .short = jun
month-7 = julio
    .short = jul
month-8 = agosto
    .short = ago
month-9 = septiembre
    .short = sep
month-10 = octubre
    .short = oct
month-11 = noviembre
    .short = nov
month-12 = diciembre
    .short = dic
