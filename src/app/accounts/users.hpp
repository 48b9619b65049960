// People in PostgreSQL: accounts, their interests, and what the socket needs to know at sign-in.
//
// Every method is one transaction; it throws what postgres::Database throws when PostgreSQL is
// away.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "postgres/database.hpp"

namespace seendr::app {

struct User {
  UserId id;
  bool guest = true;
  std::string display_name;
  std::vector<std::string> languages;  // At least one.
  std::string region;                  // Empty: unknown.
  bool adult = false;
  bool hide_address = false;
  bool public_profile = false;  // Others may look the profile up; never a guest's.
  bool email_verified = false;
  std::optional<std::string> avatar;   // The path of their picture.
  bool mail_digest = false;            // Wants mails about unread notifications; never a guest.
  std::vector<std::string> interests;  // Slugs, in the person's order.
};

json::object to_json(const User& user);  // As every account endpoint answers it.

// What the socket of a person needs, read once at sign-in.
struct Account {
  User user;
  std::vector<UserId> blocked;  // In both directions: whom they blocked, and who blocked them.
  bool banned = false;
};

struct NewUser {
  std::string display_name;                           // Empty: one is made up.
  std::optional<std::vector<std::string>> languages;  // Not said: a guest's own, else English.
  std::optional<std::string> region;                  // Not said: a guest's own, else unknown.
  bool adult = false;
};

// Only what is set is changed.
struct UserChange {
  std::optional<std::string> display_name;
  std::optional<std::vector<std::string>> languages;
  std::optional<std::string> region;
  std::optional<bool> adult;
  std::optional<bool> hide_address;
  std::optional<bool> public_profile;
  std::optional<bool> mail_digest;
};

// Ids below are those of people of a Django site, which gave them.
inline constexpr std::int64_t kFirstOwnId = 1'000'000'000'000;

struct Login {
  UserId id;
  std::string password_hash;
  bool banned = false;
};

enum class Refused { email_taken, already_registered };

class Users {
 public:
  explicit Users(postgres::Database& database) : database_(database) {}

  awaitable<User> create_guest(NewUser user);

  // `guest`: the guest who registers, and keeps everything that `user` does not say otherwise.
  awaitable<std::variant<User, Refused>> create_registered(std::optional<UserId> guest,
                                                           NewUser user, std::string email,
                                                           std::string password_hash);

  awaitable<std::optional<Login>> find_login(std::string email);

  // The person is here: last_seen_at is moved, if it is older than an hour.
  awaitable<std::optional<User>> find(UserId id);
  awaitable<std::optional<Account>> load(UserId id);

  awaitable<std::optional<User>> change(UserId id, UserChange change);
  awaitable<std::optional<User>> set_interests(UserId id, std::vector<std::uint32_t> interests);

 private:
  postgres::Database& database_;
};

}  // namespace seendr::app
