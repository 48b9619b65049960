#include "http/message.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace seendr::http {
namespace {

TEST(Message, KnowsItsMethodsInUpperCaseOnly) {
  for (const std::string_view name : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    const std::optional<Method> method = parse_method(name);
    ASSERT_TRUE(method) << name;
    EXPECT_EQ(to_text(*method), name);
  }
  EXPECT_FALSE(parse_method("get"));
  EXPECT_FALSE(parse_method("TRACE"));
}

TEST(Headers, FindsAFieldInAnyCaseAndTheFirstOfSeveral) {
  const Headers headers{{"Set-Cookie", "a"}, {"set-cookie", "b"}};
  EXPECT_EQ(headers.get("SET-COOKIE"), "a");
  EXPECT_EQ(headers.count("Set-Cookie"), 2U);
  EXPECT_EQ(headers.get("Cookie"), "");
  EXPECT_FALSE(headers.has("Cookie"));
}

TEST(Headers, ReplacesEveryFieldOfThatNameOnSet) {
  Headers headers{{"A", "1"}, {"B", "2"}, {"a", "3"}};
  headers.set("A", "4");
  EXPECT_EQ(headers.count("a"), 1U);
  EXPECT_EQ(headers.get("a"), "4");
  headers.remove("b");
  EXPECT_FALSE(headers.has("B"));
}

TEST(Request, FindsACookieAmongSeveralHeaders) {
  Request request;
  request.headers.add("Cookie", "a=1; sessionid=x=y ;b=\"quoted\"");
  request.headers.add("cookie", "c=");

  EXPECT_EQ(request.cookie("sessionid"), "x=y");
  EXPECT_EQ(request.cookie("b"), "quoted");
  EXPECT_EQ(request.cookie("c"), "");
  EXPECT_EQ(request.cookie("session"), std::nullopt);
  EXPECT_EQ(request.cookie("A"), std::nullopt);
}

TEST(Request, TellsAnEmptyQueryValueFromNone) {
  Request request;
  request.query = {{"q", ""}, {"q", "second"}};
  EXPECT_EQ(request.query_value("q"), "");
  EXPECT_EQ(request.query_value("p"), std::nullopt);
}

TEST(Response, HasTheBodyThatWasSet) {
  Response response = text(200, "own");
  EXPECT_EQ(response.content(), "own");
  EXPECT_EQ(response.headers.get("Content-Type"), "text/plain; charset=utf-8");
  response.shared_body = std::make_shared<const std::string>("shared");
  EXPECT_EQ(response.content(), "shared");
  Response embedded = empty(200);
  embedded.embedded_body = "embedded";
  EXPECT_EQ(embedded.content(), "embedded");
}

TEST(Problem, IsTheProtocolsErrorBody) {
  Request request;
  request.request_id = "r1";
  const Response response =
      problem(request, Problem{429, "rate_limited", "Slow down.", {{"Retry-After", "3"}}});

  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
  EXPECT_EQ(response.headers.get("Retry-After"), "3");
  const boost::json::value expected = {
      {"error", "Slow down."}, {"code", "rate_limited"}, {"request_id", "r1"}};
  EXPECT_EQ(boost::json::parse(response.body), expected);
}

TEST(Problem, IsRfc9457WhenTheClientAsksForIt) {
  Request request;
  request.request_id = "r1";
  request.headers.add("Accept", "text/html, application/problem+json;q=0.9");
  const Response response = problem(request, Problem{404, "not_found", "Nothing here.", {}});

  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
  const boost::json::value expected = {{"type", "about:blank"}, {"title", "Not Found"},
                                       {"status", 404},         {"detail", "Nothing here."},
                                       {"code", "not_found"},   {"request_id", "r1"}};
  EXPECT_EQ(boost::json::parse(response.body), expected);
}

TEST(Message, NamesAStatusWithoutAPhrase) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(299), "Status");
}

TEST(Message, GivesAPathParameterAsTextAndAsNumber) {
  Request request;
  request.params = {{"name", "ada"}, {"id", "1000000000042"}};
  EXPECT_EQ(request.param("name"), "ada");
  EXPECT_EQ(request.param("age"), std::nullopt);
  EXPECT_EQ(request.int_param("id"), 1'000'000'000'042);
}

}  // namespace
}  // namespace seendr::http
