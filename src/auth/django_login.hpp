// What a session of Django says about who signed in, and whether that still holds. Pure.
//
// Django ties a session to the password: it holds an HMAC of the user's password column under the
// site's SECRET_KEY, so that a new password ends every older session. Format: docs/sessions.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.hpp"
#include "base/json.hpp"

namespace seendr::auth {

// What the site's settings say.
struct DjangoSite {
  std::vector<std::string> secret_keys;  // SECRET_KEY, then SECRET_KEY_FALLBACKS. Empty ones do
                                         // not count: without a key nobody is let in.
  std::vector<std::string> backends{"django.contrib.auth.backends.ModelBackend"};
};

struct DjangoLogin {
  std::string user_id;  // Text, whatever the type of the site's primary key.
  std::string backend;
  std::string hash;
};

inline constexpr std::size_t kDjangoKeyLength = 32;

// Whether a cookie `sessionid` is Django's: exactly 32 of a-z and 0-9. (Ours have 43 characters.)
bool is_django_key(std::string_view cookie);

std::string new_django_key(Random& random);

// nullopt when nobody is signed in in that session.
std::optional<DjangoLogin> django_login(const json::object& session);

// Whether the site lets that login in. `password_field` is the user's password column as it is
// now. That the user is active is for the caller to check.
bool accepts(const DjangoSite& site, const DjangoLogin& login, std::string_view password_field);

// The hash that a session of a user with that password column holds, 64 hex digits.
std::string django_auth_hash(std::string_view secret_key, std::string_view password_field);

}  // namespace seendr::auth
