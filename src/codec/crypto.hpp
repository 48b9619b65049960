// Digests, message authentication, comparison of secrets, and random text for ids.
#pragma once

#include <string>
#include <string_view>

#include "base/env.hpp"

namespace seendr {

std::string sha256(std::string_view data);  // 32 bytes.
std::string hmac_sha1(std::string_view key,
                      std::string_view data);  // 20 bytes; coturn's REST credentials.
std::string hmac_sha256(std::string_view key, std::string_view data);  // 32 bytes.

// Takes the same time wherever the two differ; only their lengths may be seen from outside.
bool equal_secrets(std::string_view a, std::string_view b);

std::string random_bytes(Random& random, std::size_t count);

// 32 random bytes in base64url: session ids, tickets, tokens.
std::string random_secret(Random& random);

}  // namespace seendr
