#include "auth/password.hpp"

#include <new>
#include <sodium.h>

namespace seendr::auth {

namespace {

std::string hash_now(const std::string& password, PasswordOptions options) {
  std::string out(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), options.passes,
                            options.memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::bad_alloc();  // The only way it fails.
  }
  out.resize(out.find('\0'));
  return out;
}

}  // namespace

Passwords::Passwords(Offload& offload, PasswordOptions options)
    : offload_(offload), options_(options) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be used");
  std::string random(32, '\0');
  randombytes_buf(random.data(), random.size());
  nobody_ = hash_now(random, options_);
}

awaitable<std::string> Passwords::hash(std::string password) {
  std::function<std::string()> work = [password = std::move(password), options = options_] {
    return hash_now(password, options);
  };
  co_return co_await offload_.run(std::move(work));
}

awaitable<bool> Passwords::verify(std::string hash, std::string password) {
  const bool known = !hash.empty();
  std::string against = known ? std::move(hash) : nobody_;
  std::function<bool()> work = [against = std::move(against), password = std::move(password)] {
    return crypto_pwhash_str_verify(against.c_str(), password.data(), password.size()) == 0;
  };
  const bool equal = co_await offload_.run(std::move(work));
  co_return known&& equal;
}

}  // namespace seendr::auth
