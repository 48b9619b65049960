#include "http/router.hpp"

#include <gtest/gtest.h>

namespace seendr::http {
namespace {

using Segments = std::vector<std::string>;

awaitable<Response> nothing(Request) {
  co_return empty();
}

class RouterTest : public testing::Test {
 protected:
  Router router;

  void add(Method method, std::string_view pattern) { router.add(method, pattern, nothing); }

  std::string pattern_of(Method method, const Segments& path) {
    const RouteMatch match = router.find(method, path);
    return match.route ? match.route->pattern : "";
  }
};

TEST_F(RouterTest, PrefersAFixedSegmentToAParameter) {
  add(Method::get, "/users/{id}");
  add(Method::get, "/users/me");

  EXPECT_EQ(pattern_of(Method::get, {"users", "me"}), "/users/me");
  EXPECT_EQ(pattern_of(Method::get, {"users", "7"}), "/users/{id}");
}

TEST_F(RouterTest, GoesBackToTheParameterWhenTheFixedSegmentLeadsNowhere) {
  add(Method::get, "/users/me");
  add(Method::get, "/users/{id}/blocks");

  const RouteMatch match = router.find(Method::get, {"users", "me", "blocks"});

  ASSERT_TRUE(match.route);
  EXPECT_EQ(match.params, (Pairs{{"id", "me"}}));
}

TEST_F(RouterTest, NamesParametersAsTheRouteOfTheMethodDoes) {
  add(Method::get, "/rooms/{room}/people/{person}");
  add(Method::post, "/rooms/{id}/people/{who}");

  EXPECT_EQ(router.find(Method::get, {"rooms", "a/b", "people", "2"}).params,
            (Pairs{{"room", "a/b"}, {"person", "2"}}));
  EXPECT_EQ(router.find(Method::post, {"rooms", "1", "people", "2"}).params,
            (Pairs{{"id", "1"}, {"who", "2"}}));
}

TEST_F(RouterTest, TakesOnlyNumbersForATypedParameter) {
  add(Method::get, "/users/{id:int}/notes");

  for (const char* number : {"0", "7", "1000000000042", "9223372036854775807"}) {
    EXPECT_EQ(router.find(Method::get, {"users", number, "notes"}).params, (Pairs{{"id", number}}));
  }
  for (const char* other : {"", "x", "7x", "-7", "+7", "07", " 7", "7.0", "9223372036854775808"}) {
    const RouteMatch match = router.find(Method::post, {"users", other, "notes"});
    EXPECT_FALSE(match.route) << other;
    EXPECT_EQ(match.allow, "") << other;
  }
}

TEST_F(RouterTest, PrefersANumberToAnySegmentAndGoesBackToIt) {
  add(Method::get, "/users/{name}");
  add(Method::get, "/users/{name}/posts");
  add(Method::get, "/users/{id:int}");

  EXPECT_EQ(pattern_of(Method::get, {"users", "7"}), "/users/{id:int}");
  EXPECT_EQ(pattern_of(Method::get, {"users", "ada"}), "/users/{name}");
  EXPECT_EQ(router.find(Method::get, {"users", "7", "posts"}).params, (Pairs{{"name", "7"}}));
}

TEST_F(RouterTest, TakesPatternsWithAndWithoutATrailingSlashForTheSame) {
  add(Method::get, "/api/v1/me/");
  EXPECT_EQ(pattern_of(Method::get, {"api", "v1", "me"}), "/api/v1/me/");
}

TEST_F(RouterTest, AnswersHeadFromGetUnlessItHasItsOwn) {
  add(Method::get, "/a");
  add(Method::get, "/b");
  add(Method::head, "/b/");

  EXPECT_EQ(pattern_of(Method::head, {"a"}), "/a");
  EXPECT_EQ(pattern_of(Method::head, {"b"}), "/b/");
}

TEST_F(RouterTest, TellsTheMethodsOfAPathForAnotherOne) {
  add(Method::get, "/a");
  add(Method::delete_, "/a");

  const RouteMatch match = router.find(Method::post, {"a"});

  EXPECT_FALSE(match.route);
  EXPECT_EQ(match.allow, "GET, HEAD, DELETE, OPTIONS");
}

TEST_F(RouterTest, KnowsNoPathThatIsLongerOrShorter) {
  add(Method::get, "/a/b");
  for (const Segments& path : {Segments{}, Segments{"a"}, Segments{"a", "b", "c"}}) {
    const RouteMatch match = router.find(Method::get, path);
    EXPECT_FALSE(match.route);
    EXPECT_EQ(match.allow, "");
  }
}

TEST_F(RouterTest, GivesReadsOfUnknownPathsToTheFallbackOnly) {
  add(Method::get, "/a");
  router.fallback(nothing);

  EXPECT_EQ(pattern_of(Method::get, {"x"}), "*");
  EXPECT_EQ(pattern_of(Method::head, {}), "*");
  EXPECT_EQ(pattern_of(Method::post, {"x"}), "");
  EXPECT_EQ(pattern_of(Method::get, {"a"}), "/a");
}

TEST_F(RouterTest, CarriesTheOptionsOfARoute) {
  router.add(Method::post, "/big", nothing, RouteOptions{1'000'000, false});
  const RouteMatch match = router.find(Method::post, {"big"});
  EXPECT_EQ(match.route->options.body_limit_bytes, 1'000'000U);
  EXPECT_FALSE(match.route->options.json_body);
}

}  // namespace
}  // namespace seendr::http
