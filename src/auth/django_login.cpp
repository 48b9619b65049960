#include "auth/django_login.hpp"

#include <algorithm>

#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::auth {

namespace {

constexpr std::string_view kKeyLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kSalt =
    "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";

const json::string* text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value ? value->if_string() : nullptr;
}

}  // namespace

bool is_django_key(std::string_view cookie) {
  return cookie.size() == kDjangoKeyLength &&
         cookie.find_first_not_of(kKeyLetters) == std::string_view::npos;
}

std::string new_django_key(Random& random) {
  std::string key;
  for (std::size_t i = 0; i < kDjangoKeyLength; ++i)
    key += kKeyLetters[random.below(kKeyLetters.size())];
  return key;
}

std::optional<DjangoLogin> django_login(const json::object& session) {
  const json::string* user = text_at(session, "_auth_user_id");
  const json::string* backend = text_at(session, "_auth_user_backend");
  const json::string* hash = text_at(session, "_auth_user_hash");
  if (!user || !backend || !hash || user->empty()) return std::nullopt;
  return DjangoLogin{std::string(*user), std::string(*backend), std::string(*hash)};
}

bool accepts(const DjangoSite& site, const DjangoLogin& login, std::string_view password_field) {
  const auto& known = site.backends;
  if (std::find(known.begin(), known.end(), login.backend) == known.end()) return false;
  return std::any_of(site.secret_keys.begin(), site.secret_keys.end(), [&](const auto& secret) {
    return !secret.empty() && equal_secrets(login.hash, django_auth_hash(secret, password_field));
  });
}

std::string django_auth_hash(std::string_view secret_key, std::string_view password_field) {
  const std::string key = sha256(std::string(kSalt) + std::string(secret_key));
  return to_hex(bytes(hmac_sha256(key, password_field)));
}

}  // namespace seendr::auth
