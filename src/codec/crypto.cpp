#include "codec/crypto.hpp"

#include <sodium.h>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "codec/text.hpp"

namespace seendr {

namespace {

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view data) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  const Bytes in = bytes(data);
  if (!HMAC(digest, key.data(), static_cast<int>(key.size()), in.data(), in.size(),
            reinterpret_cast<unsigned char*>(out.data()), &size)) {
    throw std::runtime_error("HMAC failed");
  }
  out.resize(size);
  return out;
}

}  // namespace

std::string sha256(std::string_view data) {
  std::string out(crypto_hash_sha256_BYTES, '\0');
  const Bytes in = bytes(data);
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(out.data()), in.data(), in.size());
  return out;
}

std::string hmac_sha1(std::string_view key, std::string_view data) {
  return hmac(EVP_sha1(), key, data);
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
  return hmac(EVP_sha256(), key, data);
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(Random& random, std::size_t count) {
  std::string out(count, '\0');
  random.fill(std::span(reinterpret_cast<unsigned char*>(out.data()), out.size()));
  return out;
}

std::string random_secret(Random& random) {
  return to_base64url(bytes(random_bytes(random, 32)));
}

}  // namespace seendr
