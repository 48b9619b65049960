// The pictures of people, in PostgreSQL.
//
// Every method is one transaction; it throws what postgres::Database throws when PostgreSQL is
// away.
#pragma once

#include <optional>
#include <string>

#include "app/accounts/avatar_image.hpp"
#include "base/ids.hpp"
#include "postgres/database.hpp"

namespace seendr::app {

struct AvatarWish {
  UserId owner;
  std::optional<UserId> viewer;  // Who asks, when they are signed in.
  int size = 256;                // One of kAvatarSizes.
  std::string if_none_match;     // The header of that name: what who asks has already.
};

struct ShownAvatar {
  std::string etag;        // With its quotes; another for each size.
  bool is_public = false;  // Everybody may see it; otherwise its owner, who asks.
  std::string image;       // Empty: who asks has it already.
};

class Avatars {
 public:
  explicit Avatars(postgres::Database& database) : database_(database) {}

  // Takes the place of the one before. False: there is no such person, or it is a guest.
  awaitable<bool> put(UserId owner, Avatar avatar);

  awaitable<bool> remove(UserId owner);  // False: there was none.

  // Shown to everybody who may see the profile (profiles.hpp), and to its owner. nullopt: there is
  // none, or not for who asks. Costs two look-ups by primary key; one when nothing has changed.
  awaitable<std::optional<ShownAvatar>> find(AvatarWish wish);

 private:
  postgres::Database& database_;
};

}  // namespace seendr::app
