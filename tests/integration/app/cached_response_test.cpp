#include "app/cached_response.hpp"

#include "support/redis_test.hpp"

namespace seendr::app {
namespace {

using namespace std::chrono_literals;

http::Request get(std::string path) {
  http::Request request;
  request.path = std::move(path);
  return request;
}

class CachedResponseTest : public test::RedisTest {
 protected:
  CachedResponseTest() {
    options_.name = "page";
    response_ = http::text(200, "hello");
  }
  ~CachedResponseTest() override {
    run([this]() -> awaitable<void> { co_await cache_.close(); });
  }

  http::Handler handler() { return cached_response(cache_, options_, counting()); }

  // Counts its calls, and says which parameter and header it saw.
  http::Handler counting() {
    return [this](http::Request request) {
      return answer(std::move(request));
    };
  }
  awaitable<http::Response> answer(http::Request request) {
    ++calls_;
    co_await sleep_for(takes_);
    http::Response response = response_;
    if (const auto q = request.query_value("q")) response.body += " " + std::string(*q);
    response.body += std::string(request.headers.get("Accept-Language"));
    co_return response;
  }

  cache::Cache cache_{env(), redis(), cache::CacheOptions()};
  PageOptions options_;
  http::Response response_;
  Millis takes_{0};
  int calls_ = 0;
};

TEST_F(CachedResponseTest, TheHandlerRunsOnceForAnAddress) {
  run([this]() -> awaitable<void> {
    const http::Handler handler = this->handler();
    co_await redis().wait_connected(2s);
    response_.headers.set("X-Internal", "1");
    const http::Response first = co_await handler(get("/a"));
    const http::Response second = co_await handler(get("/a"));
    const http::Response other = co_await handler(get("/b"));
    http::Request head = get("/a");
    head.method = http::Method::head;
    const http::Response headers = co_await handler(head);

    EXPECT_EQ(calls_, 2);
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(second.body, "hello");
    EXPECT_EQ(second.headers.get("Content-Type"), response_.headers.get("Content-Type"));
    EXPECT_FALSE(second.headers.has("X-Internal"));
    EXPECT_EQ(other.body, "hello");
    EXPECT_EQ(headers.headers.get("ETag"), first.headers.get("ETag"));
    EXPECT_EQ(cache_.counts().at("page").loads, 2U);
  });
}

TEST_F(CachedResponseTest, WhoHasItAlreadyIsToldSo) {
  run([this]() -> awaitable<void> {
    const http::Handler handler = this->handler();
    co_await redis().wait_connected(2s);
    const http::Response first = co_await handler(get("/a"));
    const std::string etag(first.headers.get("ETag"));
    http::Request again = get("/a");
    again.headers.set("If-None-Match", "\"other\", W/" + etag);
    http::Request outdated = get("/a");
    outdated.headers.set("If-None-Match", "\"other\"");

    const http::Response same = co_await handler(again);
    const http::Response changed = co_await handler(outdated);

    EXPECT_EQ(same.status, 304);
    EXPECT_TRUE(same.body.empty());
    EXPECT_EQ(same.headers.get("ETag"), etag);
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(changed.body, "hello");
  });
}

TEST_F(CachedResponseTest, AnswersDifferByWhatTheyDependOnAndNothingElse) {
  options_.query = {"q"};
  options_.headers = {"Accept-Language"};
  run([this]() -> awaitable<void> {
    const http::Handler handler = this->handler();
    co_await redis().wait_connected(2s);
    http::Request plain = get("/a");
    http::Request asked = get("/a");
    asked.query.emplace_back("q", "x");
    http::Request tracked = asked;
    tracked.query.emplace_back("utm", "1");
    http::Request french = asked;
    french.headers.set("Accept-Language", "fr");

    const http::Response first = co_await handler(plain);
    const http::Response second = co_await handler(asked);
    const http::Response third = co_await handler(tracked);
    const http::Response fourth = co_await handler(french);

    EXPECT_EQ(first.body, "hello");
    EXPECT_EQ(second.body, "hello x");
    EXPECT_EQ(third.body, "hello x");
    EXPECT_EQ(fourth.body, "hello xfr");
    EXPECT_EQ(calls_, 3);
    EXPECT_EQ(fourth.headers.get("Vary"), "Accept-Language, Cookie, Authorization");
  });
}

TEST_F(CachedResponseTest, WhoIsKnownIsNeverServedFromItUnlessToldSo) {
  run([this]() -> awaitable<void> {
    http::Request known = get("/a");
    known.headers.set("Cookie", "sessionid=ada");
    http::Request other = get("/a");
    other.headers.set("Cookie", "sessionid=bob");
    co_await redis().wait_connected(2s);

    const http::Handler anonymous = handler();
    co_await anonymous(known);
    co_await anonymous(known);
    const int without = std::exchange(calls_, 0);
    options_.audience = Audience::everyone;
    const http::Handler everyone = handler();
    co_await everyone(known);
    co_await everyone(other);
    const int for_everyone = std::exchange(calls_, 0);
    options_.audience = Audience::person;
    options_.person = [](const http::Request& request) {
      return std::string(request.cookie("sessionid").value_or(""));
    };
    const http::Handler personal = handler();
    co_await personal(known);
    co_await personal(other);
    co_await personal(known);
    const int for_persons = std::exchange(calls_, 0);
    const http::Request stranger = get("/a");
    co_await personal(stranger);
    co_await personal(stranger);

    EXPECT_EQ(without, 2);
    EXPECT_EQ(for_everyone, 1);
    EXPECT_EQ(for_persons, 2);
    EXPECT_EQ(calls_, 2);
  });
}

TEST_F(CachedResponseTest, WhatIsNotForAllIsKeptForNobody) {
  struct Case {
    const char* header;
    const char* value;
    int status;
  };
  const Case cases[] = {{"Set-Cookie", "a=b", 200},
                        {"Cache-Control", "private", 200},
                        {"Cache-Control", "no-store", 200},
                        {"Vary", "User-Agent", 200},
                        {"Vary", "*", 200},
                        {"X", "y", 302},
                        {"X", "y", 401}};
  run([&]() -> awaitable<void> {
    const http::Handler handler = this->handler();
    co_await redis().wait_connected(2s);
    int number = 0;
    for (const Case& one : cases) {
      response_ = http::text(one.status, "mine");
      response_.headers.set(one.header, one.value);
      calls_ = 0;
      const std::string path = "/" + std::to_string(++number);
      const http::Response first = co_await handler(get(path));
      const http::Response second = co_await handler(get(path));

      EXPECT_EQ(calls_, 2) << one.header << ": " << one.value;
      EXPECT_EQ(first.body, "mine");
      EXPECT_EQ(second.status, one.status);
      EXPECT_EQ(second.headers.get(one.header), one.value);
    }
  });
}

TEST_F(CachedResponseTest, NobodyGetsAnAnswerThatWasMadeForAnother) {
  takes_ = 50ms;
  response_.headers.set("Set-Cookie", "a=b");
  run([this]() -> awaitable<void> {
    const http::Handler handler = this->handler();
    co_await redis().wait_connected(2s);
    std::vector<std::optional<http::Response>> answers(10);
    for (auto& one : answers) test::start(io(), handler(get("/a")), one);
    const auto done = [&] {
      return std::all_of(answers.begin(), answers.end(),
                         [](const auto& one) { return one.has_value(); });
    };
    const bool all = co_await test::becomes(done, 2s);

    EXPECT_TRUE(all);
    EXPECT_EQ(calls_, 10);
  });
}

TEST_F(CachedResponseTest, WhatIsNotThereIsKeptForAShorterTime) {
  options_.load.ttl = 1000s;
  options_.load.negative_ttl = 5s;
  response_ = http::text(404, "nothing");
  run([this]() -> awaitable<void> {
    const http::Handler handler = this->handler();
    co_await redis().wait_connected(2s);
    const http::Response first = co_await handler(get("/a"));
    const http::Response second = co_await handler(get("/a"));
    const std::optional<Millis> left = co_await cache_.ttl("page:%2Fa");

    EXPECT_EQ(first.status, 404);
    EXPECT_EQ(second.status, 404);
    EXPECT_EQ(calls_, 1);
    EXPECT_TRUE(left > 0ms && left <= 5s);
  });
}

TEST_F(CachedResponseTest, AnErrorThatWasKeptNamesTheRequestItAnswers) {
  http::Request first_request = get("/a");
  first_request.request_id = "first";
  http::Request second_request = get("/a");
  second_request.request_id = "second";
  response_ = http::problem(first_request, http::Problem{404, "not_found", "Nobody."});
  run([&]() -> awaitable<void> {
    const http::Handler handler = this->handler();
    co_await redis().wait_connected(2s);
    const http::Response first = co_await handler(first_request);
    const http::Response second = co_await handler(second_request);

    const json::object one = json::parse(first.body).as_object();
    const json::object two = json::parse(second.body).as_object();
    EXPECT_EQ(one.at("request_id").as_string(), "first");
    EXPECT_EQ(two.at("request_id").as_string(), "second");
    EXPECT_EQ(two.at("error").as_string(), "Nobody.");
    EXPECT_FALSE(second.headers.has("ETag")) << "no two such bodies are the same";
    EXPECT_EQ(calls_, 1);
  });
}

TEST_F(CachedResponseTest, AnErrorThatWasKeptHasTheFormThatEachRequestAskedFor) {
  const http::Problem nobody{404, "not_found", "Nobody."};
  const auto asked = [](std::string path, std::string form) {
    http::Request request = get(std::move(path));
    request.request_id = form;
    if (form == "formal") request.headers.set("Accept", "application/problem+json");
    return request;
  };
  run([&]() -> awaitable<void> {
    const http::Handler handler = this->handler();
    co_await redis().wait_connected(2s);
    response_ = http::problem(asked("/a", "plain"), nobody);
    co_await handler(asked("/a", "plain"));
    const http::Response formal = co_await handler(asked("/a", "formal"));
    response_ = http::problem(asked("/b", "formal"), nobody);
    co_await handler(asked("/b", "formal"));
    const http::Response plain = co_await handler(asked("/b", "plain"));

    EXPECT_EQ(calls_, 2);
    EXPECT_EQ(formal.status, 404);
    EXPECT_EQ(formal.headers.get("Content-Type"), "application/problem+json");
    EXPECT_EQ(json::parse(formal.body), json::value({{"type", "about:blank"},
                                                     {"title", "Not Found"},
                                                     {"status", 404},
                                                     {"detail", "Nobody."},
                                                     {"code", "not_found"},
                                                     {"request_id", "formal"}}));
    EXPECT_EQ(plain.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(json::parse(plain.body),
              json::value({{"error", "Nobody."}, {"code", "not_found"}, {"request_id", "plain"}}));
  });
}

TEST_F(CachedResponseTest, AFailureIsAnsweredAndNotRepeatedForAWhile) {
  response_ = http::text(500, "broken");
  run([this]() -> awaitable<void> {
    const http::Handler handler = this->handler();
    co_await redis().wait_connected(2s);
    const http::Response first = co_await handler(get("/a"));
    const http::Response second = co_await handler(get("/a"));

    EXPECT_EQ(first.status, 500);
    EXPECT_EQ(second.status, 503);
    EXPECT_EQ(second.headers.get("Retry-After"), "1");
    EXPECT_EQ(calls_, 1);
  });
}

TEST_F(CachedResponseTest, ATagTakesThePagesThatDependOnIt) {
  options_.tags = [](const http::Request& request) {
    return std::vector<std::string>{"path:" + request.path};
  };
  run([this]() -> awaitable<void> {
    const http::Handler handler = this->handler();
    co_await redis().wait_connected(2s);
    co_await handler(get("/a"));
    response_.body = "new";
    co_await cache_.invalidate_tag("path:/a");
    const http::Response after = co_await handler(get("/a"));

    EXPECT_EQ(after.body, "new");
  });
}

TEST_F(CachedResponseTest, EveryLoopOfAProcessCountsWhatAnotherAnswered) {
  cache::Cache of_another_loop(env(), redis(), cache::CacheOptions());
  const http::Handler unasked = cached_response(of_another_loop, options_, counting());
  run([&]() -> awaitable<void> {
    const http::Handler handler = this->handler();
    co_await redis().wait_connected(2s);
    co_await handler(get("/a"));
    co_await handler(get("/a"));

    const cache::Counts counts = of_another_loop.counts()["page"];
    EXPECT_EQ(counts.misses, 1U);
    EXPECT_EQ(counts.redis_hits, 1U);
    co_await of_another_loop.close();
  });
}

TEST_F(CachedResponseTest, StrangersAreAnsweredFromTheMemoryAndWhoIsSignedInIsNot) {
  redis::Client& own = another_client();
  run([&]() -> awaitable<void> {
    cache::CacheOptions options;
    options.memory.limit_bytes = 1 << 20;
    cache::Cache near(env(), own, options);
    TaskGroup tasks(io().get_executor(), [](const std::string&, std::exception_ptr) {});
    tasks.spawn("cache", near.run());
    options_.audience = Audience::everyone;
    const http::Handler handler = cached_response(near, options_, counting());
    http::Request signed_in = get("/a");
    signed_in.headers.set("Cookie", "sessionid=x");
    const auto asks_redis = [&](http::Request request) -> awaitable<bool> {
      const std::uint64_t before = own.calls();
      co_await handler(std::move(request));
      co_return own.calls() != before;
    };

    co_await own.wait_connected(2s);
    bool asked = true;
    for (int i = 0; i < 1000 && asked; ++i) {
      asked = co_await asks_redis(get("/a"));
      co_await sleep_for(2ms);
    }
    const bool asked_for_signed_in = co_await asks_redis(signed_in);
    const bool asked_again = co_await asks_redis(get("/a"));

    EXPECT_FALSE(asked);
    EXPECT_TRUE(asked_for_signed_in);
    EXPECT_FALSE(asked_again);
    EXPECT_EQ(calls_, 1);
    co_await near.close();
    tasks.cancel();
    co_await tasks.join();
  });
}

}  // namespace
}  // namespace seendr::app
