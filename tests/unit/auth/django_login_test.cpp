#include "auth/django_login.hpp"

#include <gtest/gtest.h>

namespace seendr::auth {
namespace {

constexpr std::string_view kColumn = "md5$salt$67a1e09bb1f83f5007dc119c14d663aa";
// What Django wrote for a user with that column under SECRET_KEY "interop-secret".
constexpr const char* kHash = "02d16429d485e9fb37973592b4bc718773a00bdfe7f0cec2b79a1b4dea53a6ca";
constexpr const char* kBackend = "django.contrib.auth.backends.ModelBackend";

DjangoSite site(std::vector<std::string> secret_keys) {
  DjangoSite site;
  site.secret_keys = std::move(secret_keys);
  return site;
}

json::object session() {
  return {{"_auth_user_id", "1"}, {"_auth_user_backend", kBackend}, {"_auth_user_hash", kHash}};
}

TEST(DjangoLogin, ComputesTheHashThatDjangoComputes) {
  EXPECT_EQ(django_auth_hash("interop-secret", kColumn), kHash);
}

TEST(DjangoLogin, IsAcceptedUnderTheKeyThatSignedIt) {
  const auto login = django_login(session());

  ASSERT_TRUE(login);
  EXPECT_EQ(login->user_id, "1");
  EXPECT_TRUE(accepts(site({"interop-secret"}), *login, kColumn));
  EXPECT_FALSE(accepts(site({"another secret"}), *login, kColumn));
}

TEST(DjangoLogin, IsAcceptedUnderAnOlderKeyOfARotation) {
  const auto login = django_login(session());

  EXPECT_TRUE(accepts(site({"new", "older", "interop-secret"}), *login, kColumn));
  EXPECT_FALSE(accepts(site({"new", "older"}), *login, kColumn));
}

TEST(DjangoLogin, EndsWithThePasswordItWasMadeWith) {
  const auto login = django_login(session());

  EXPECT_FALSE(accepts(site({"interop-secret"}), *login, "md5$salt$another"));
  EXPECT_FALSE(accepts(site({"interop-secret"}), *login, ""));
}

TEST(DjangoLogin, IsRefusedWithoutAKeyAndWithAnEmptyOne) {
  json::object forged = session();
  forged["_auth_user_hash"] = django_auth_hash("", kColumn);
  const auto login = django_login(forged);

  EXPECT_FALSE(accepts(site({}), *login, kColumn));
  EXPECT_FALSE(accepts(site({""}), *login, kColumn));
}

TEST(DjangoLogin, IsRefusedFromABackendThatIsNotListed) {
  json::object other = session();
  other["_auth_user_backend"] = "social.Backend";
  const auto login = django_login(other);
  DjangoSite lenient = site({"interop-secret"});
  lenient.backends.emplace_back("social.Backend");

  EXPECT_FALSE(accepts(site({"interop-secret"}), *login, kColumn));
  EXPECT_TRUE(accepts(lenient, *login, kColumn));
}

TEST(DjangoLogin, IsNobodysWithoutAllThreeEntries) {
  for (const char* entry : {"_auth_user_id", "_auth_user_backend", "_auth_user_hash"}) {
    json::object without = session();
    without.erase(entry);
    EXPECT_FALSE(django_login(without)) << entry;
    json::object number = session();
    number[entry] = 1;
    EXPECT_FALSE(django_login(number)) << entry;
  }
  EXPECT_FALSE(django_login(json::object()));
}

TEST(DjangoLogin, TellsDjangosCookieFromOurs) {
  EXPECT_TRUE(is_django_key("kg6nkq6jcyfqb79l0stcikw5v6iaowuh"));
  EXPECT_FALSE(is_django_key("kg6nkq6jcyfqb79l0stcikw5v6iaowu"));
  EXPECT_FALSE(is_django_key("kg6nkq6jcyfqb79l0stcikw5v6iaowuhh"));
  EXPECT_FALSE(is_django_key("KG6nkq6jcyfqb79l0stcikw5v6iaowuh"));
  EXPECT_FALSE(is_django_key("kg6nkq6jcyfqb79l0stcikw5v6iaowu:"));
  EXPECT_FALSE(is_django_key(std::string(43, 'a')));
  EXPECT_FALSE(is_django_key(""));
}

TEST(DjangoLogin, MakesKeysLikeDjangos) {
  SeededRandom random(1);
  const std::string key = new_django_key(random);

  EXPECT_TRUE(is_django_key(key));
  EXPECT_NE(key, new_django_key(random));
}

}  // namespace
}  // namespace seendr::auth
