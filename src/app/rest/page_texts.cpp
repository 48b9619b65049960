#include "app/rest/page_texts.hpp"

namespace seendr::app {

namespace {

constexpr PageSection kFaqEn[] = {
    {"How does it work?",
     "Choose what interests you and press the button. Somebody who shares as much of it as "
     "possible, and a language with you, is called; both of you see each other at the same "
     "moment."},
    {"Do I need an account?",
     "No. As a guest you keep your interests for as long as you use the same browser. An account "
     "keeps them on all of your devices."},
    {"Who sees and hears me?",
     "Only your partner. Picture and sound go from browser to browser, encrypted, and are recorded "
     "by nobody here."},
    {"Can my partner learn my address?",
     "A direct call shows each side the network address of the other. Choose to hide yours, and "
     "your calls go through a relay."},
    {"Somebody behaved badly. What can I do?",
     "Report and block: the call ends at once, you never meet again, and a moderator looks at it."},
};

constexpr PageSection kFaqFr[] = {
    {"Comment ça marche ?",
     "Choisissez ce qui vous intéresse et appuyez sur le bouton. Quelqu’un qui partage le plus "
     "possible de vos intérêts, et une langue avec vous, est appelé ; vous vous voyez au même "
     "instant."},
    {"Faut-il un compte ?",
     "Non. Un invité garde ses intérêts tant qu’il utilise le même navigateur. Un compte les garde "
     "sur tous ses appareils."},
    {"Qui me voit et m’entend ?",
     "Votre partenaire seulement. L’image et le son vont d’un navigateur à l’autre, chiffrés, et "
     "personne ne les enregistre ici."},
    {"Mon partenaire peut-il connaître mon adresse ?",
     "Un appel direct montre à chacun l’adresse réseau de l’autre. Choisissez de masquer la vôtre "
     ": "
     "vos appels passent alors par un relais."},
    {"Quelqu’un s’est mal conduit. Que faire ?",
     "Signaler et bloquer : l’appel se termine aussitôt, vous ne vous croiserez plus, et un "
     "modérateur examine le signalement."},
};

constexpr PageSection kTermsEn[] = {
    {"Who may use this", "Adults only. You confirm your age before the first call."},
    {"How to behave",
     "Be kind. No nudity, no threats, no insults, no advertising, and no recording of others "
     "without their consent."},
    {"What happens otherwise",
     "Who is reported may be banned, for a time or for good. A ban ends all sessions at once."},
    {"No promise", "The service is offered as it is, and may be interrupted or end."},
};

constexpr PageSection kTermsFr[] = {
    {"Qui peut l’utiliser",
     "Les adultes seulement. Vous confirmez votre âge avant le premier appel."},
    {"Comment se conduire",
     "Avec bienveillance. Ni nudité, ni menaces, ni insultes, ni publicité, et aucun "
     "enregistrement d’autrui sans son accord."},
    {"Sinon",
     "Une personne signalée peut être exclue, pour un temps ou pour toujours. Une exclusion met "
     "fin à toutes les sessions aussitôt."},
    {"Sans garantie", "Le service est offert tel quel ; il peut être interrompu ou prendre fin."},
};

constexpr PageSection kPrivacyEn[] = {
    {"What is kept",
     "The name, languages, region and interests that you give; your e-mail address and a hash of "
     "your password if you register; whom you blocked, and reports. Nothing of what you say."},
    {"What others see",
     "Your partner sees your name, a common language and your region. Your profile can be looked "
     "up only if you allow it."},
    {"Cookies", "One, which keeps you signed in. There is no tracking and no advertising."},
    {"Leaving",
     "You can have everything that is kept about you, and end your account, at any time. What you "
     "gave is then removed; a report about you stays without saying whom it is about."},
    {"Counting",
     "Shared interests are counted by the hour, without names, to show what is popular."},
};

constexpr PageSection kPrivacyFr[] = {
    {"Ce qui est conservé",
     "Le nom, les langues, la région et les intérêts que vous donnez ; votre adresse électronique "
     "et une empreinte de votre mot de passe si vous vous inscrivez ; vos blocages et les "
     "signalements. Rien de ce que vous dites."},
    {"Ce que les autres voient",
     "Votre partenaire voit votre nom, une langue commune et votre région. Votre profil ne peut "
     "être consulté que si vous le permettez."},
    {"Cookies", "Un seul, qui garde votre session ouverte. Ni pistage ni publicité."},
    {"Partir",
     "Vous pouvez à tout moment obtenir tout ce qui est conservé à votre sujet, et mettre fin à "
     "votre compte. Ce que vous avez donné est alors supprimé ; un signalement vous concernant "
     "reste, sans dire qui il concerne."},
    {"Comptage",
     "Les intérêts partagés sont comptés par heure, sans noms, pour montrer ce qui est populaire."},
};

constexpr PageText kPages[] = {
    {"faq", "en", "Questions and answers", kFaqEn},
    {"faq", "fr", "Questions et réponses", kFaqFr},
    {"terms", "en", "Terms of use", kTermsEn},
    {"terms", "fr", "Conditions d’utilisation", kTermsFr},
    {"privacy", "en", "Privacy", kPrivacyEn},
    {"privacy", "fr", "Vie privée", kPrivacyFr},
};

}  // namespace

const PageText* find_page_text(std::string_view slug, std::string_view language) {
  const std::string_view wanted = language == "fr" ? "fr" : "en";
  for (const PageText& page : kPages) {
    if (page.slug == slug && page.language == wanted) return &page;
  }
  return nullptr;
}

}  // namespace seendr::app
