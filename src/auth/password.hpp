// Password hashes: Argon2id, computed off the event loop.
#pragma once

#include <string>

#include "runtime/offload.hpp"

namespace seendr::auth {

struct PasswordOptions {
  std::size_t memory_kib =
      65'536;  // OWASP's password storage cheat sheet asks for 19 MiB at least.
  unsigned passes = 2;
};

class Passwords {
 public:
  // `offload` must outlive this; its queue bounds how many hashes wait.
  Passwords(Offload& offload, PasswordOptions options);

  // The encoded hash, "$argon2id$v=19$m=...": parameters and salt included.
  awaitable<std::string> hash(std::string password);

  // False also for a hash that is not one. An empty `hash` takes as long as a wrong password does,
  // so that an unknown account cannot be told by time.
  awaitable<bool> verify(std::string hash, std::string password);

 private:
  Offload& offload_;
  PasswordOptions options_;
  std::string nobody_;  // The hash of a random password, with our parameters.
};

}  // namespace seendr::auth
