// The tree tests itself: layers, sizes, dangerous coroutines, missing tests, dead links.
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "tidy/coroutine_rules.hpp"
#include "tidy/source_text.hpp"

namespace seendr::tidy {
namespace {

constexpr std::size_t kMaxFileLines = 400;

const std::vector<std::string> kCpp = {".cpp", ".hpp"};

// SEENDR_MODULES is "module:dep dep,module:dep", written by cmake/SeendrModule.cmake.
std::map<std::string, std::set<std::string>> allowed_includes() {
  std::map<std::string, std::set<std::string>> allowed;
  std::istringstream modules(SEENDR_MODULES);
  for (std::string module; std::getline(modules, module, ',');) {
    const auto colon = module.find(':');
    const std::string name = module.substr(0, colon);
    allowed[name].insert(name);
    std::istringstream deps(module.substr(colon + 1));
    for (std::string dep; deps >> dep;) allowed[name].insert(dep);
  }
  return allowed;
}

std::vector<fs::path> documents() {
  std::vector<fs::path> files =
      files_below({"docs", "src", "web", "tests", "deploy", "bench"}, {".md"});
  for (const char* name : {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"}) {
    if (fs::exists(kRoot / name)) files.push_back(kRoot / name);
  }
  return files;
}

TEST(Tidy, ModulesIncludeOnlyTheModulesTheyDeclare) {
  const auto allowed = allowed_includes();
  ASSERT_GT(allowed.size(), 3u) << "the list of modules did not arrive";
  const std::regex include("^#include \"([a-z_]+)/");
  for (const auto& [module, may_include] : allowed) {
    for (const fs::path& file : files_in("src/" + module, kCpp)) {
      const std::vector<std::string> lines = read_lines(file);
      for (std::size_t i = 0; i < lines.size(); ++i) {
        std::smatch match;
        if (!std::regex_search(lines[i], match, include)) continue;
        EXPECT_TRUE(may_include.count(match[1]))
            << where(file, i + 1) << ": " << module << " may not include " << match[1];
      }
    }
  }
}

TEST(Tidy, OnlyHttpKnowsBeast) {
  for (const fs::path& file : files_in("src", kCpp)) {
    const std::string name = name_of(file);
    if (name.rfind("src/http/", 0) == 0 || name == "src/boost_impl.cpp") continue;
    EXPECT_EQ(read_text(file).find("#include <boost/beast"), std::string::npos) << name;
  }
}

// what(error), which says it for people.
TEST(Tidy, OnlyBaseAsksAnExceptionItself) {
  for (const fs::path& file : files_in("src", kCpp)) {
    if (name_of(file) == "src/base/error.cpp") continue;
    EXPECT_EQ(code_only(read_text(file)).find(".what()"), std::string::npos) << name_of(file);
  }
}

TEST(Tidy, FilesFitInOneReading) {
  std::vector<fs::path> files = files_below({"src", "tests"}, kCpp);
  for (const fs::path& file :
       files_below({"src", "web", "tests"}, {".lua", ".js", ".mjs", ".css"})) {
    files.push_back(file);
  }
  for (const fs::path& file : files) {
    EXPECT_LE(read_lines(file).size(), kMaxFileLines) << name_of(file) << " is two ideas";
  }
}

TEST(Tidy, NothingIsWrittenTheWayGcc12Miscompiles) {
  for (const fs::path& file : files_below({"src", "tests"}, kCpp)) {
    for (const Finding& finding : co_await_findings(code_only(read_text(file)))) {
      ADD_FAILURE() << where(file, finding.line) << ": co_await with " << finding.what
                    << ": name it first";
    }
  }
}

TEST(Tidy, CoroutineLambdasCaptureNothing) {
  const std::regex lambda(
      R"(\[[^\]\s][^\]]*\]\s*(\([^()]*\))?\s*(mutable\s*)?->\s*(net::)?awaitable<)");
  for (const fs::path& file : files_in("src", kCpp)) {
    const std::string code = code_only(read_text(file));
    for (std::sregex_iterator it(code.begin(), code.end(), lambda), end; it != end; ++it) {
      ADD_FAILURE() << where(file, line_at(code, static_cast<std::size_t>(it->position())))
                    << ": a coroutine's captures die with the lambda; pass arguments";
    }
  }
}

TEST(Tidy, NothingRunsUnowned) {
  const std::regex word("\\bdetached\\b");
  for (const fs::path& file : files_below({"src", "tests"}, kCpp)) {
    const std::string code = code_only(read_text(file));
    std::smatch match;
    if (!std::regex_search(code, match, word)) continue;
    ADD_FAILURE() << where(file, line_at(code, static_cast<std::size_t>(match.position())))
                  << ": spawn it in a TaskGroup";
  }
}

TEST(Tidy, NothingIsPutOffOrSkipped) {
  // Written in halves, so that this file does not find itself.
  const std::regex word(std::string("\\b(TO") + "DO|FIX" + "ME|XX" + "X|HA" + "CK)\\b|GTEST_SK" +
                        "IP|DISA" + "BLED_");
  const std::vector<std::string> kinds = {".cpp", ".hpp",  ".lua", ".js",  ".mjs",
                                          ".css", ".html", ".sh",  ".sql", ".cmake"};
  for (const fs::path& file :
       files_below({"src", "tests", "web", "scripts", "cmake", "migrations"}, kinds)) {
    const std::vector<std::string> lines = read_lines(file);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(lines[i], word)) << where(file, i + 1) << ": " << lines[i];
    }
  }
}

// tests/tidy/untested_units.txt: "src/path/unit.cpp  why it has no test of its own".
std::map<std::string, std::string> exempt_units() {
  std::map<std::string, std::string> exempt;
  for (const std::string& line : read_lines(kRoot / "tests/tidy/untested_units.txt")) {
    const std::size_t gap = line.find(' ');
    if (line.empty() || line[0] == '#' || gap == std::string::npos) continue;
    exempt[line.substr(0, gap)] = line.substr(line.find_first_not_of(' ', gap));
  }
  return exempt;
}

bool has_test(const fs::path& unit) {
  const fs::path inside = fs::relative(unit, kRoot / "src");
  const fs::path module = *inside.begin();
  const std::string test = unit.stem().string() + "_test.cpp";
  for (const char* label : {"tests/unit", "tests/integration"}) {
    if (fs::exists(kRoot / label / module / test)) return true;
    if (fs::exists(kRoot / label / inside.parent_path() / test)) return true;
  }
  return fs::exists(kRoot / "tests/e2e" / test) || fs::exists(kRoot / "tests/chaos" / test);
}

TEST(Tidy, EveryUnitHasATestAtTheSamePath) {
  std::map<std::string, std::string> exempt = exempt_units();
  for (const fs::path& unit : files_in("src", {".cpp"})) {
    const std::string name = name_of(unit);
    if (has_test(unit)) {
      EXPECT_EQ(exempt.count(name), 0u) << name << " has a test: take it off untested_units.txt";
    } else {
      EXPECT_EQ(exempt.count(name), 1u) << name << " has no test of its name in tests/";
    }
    exempt.erase(name);
  }
  for (const auto& [name, reason] : exempt) {
    ADD_FAILURE() << "untested_units.txt names " << name << ", which does not exist";
  }
}

TEST(Tidy, RelativeLinksLeadSomewhere) {
  const std::regex link(R"(\]\(([^)#\s]+)(#[^)]*)?\))");
  for (const fs::path& file : documents()) {
    const std::string text = read_text(file);
    for (std::sregex_iterator it(text.begin(), text.end(), link), end; it != end; ++it) {
      const std::string target = (*it)[1];
      if (target.find("://") != std::string::npos || target.rfind("mailto:", 0) == 0) continue;
      EXPECT_TRUE(fs::exists(file.parent_path() / target))
          << where(file, line_at(text, static_cast<std::size_t>(it->position()))) << ": " << target;
    }
  }
}

TEST(Tidy, FilesNamedInDocumentsExist) {
  const std::regex path(
      R"(`((src|tests|web|scripts|cmake|migrations|docs|bench|deploy)/[A-Za-z0-9_./-]+\.[a-z]+)`)");
  for (const fs::path& file : documents()) {
    const std::string text = read_text(file);
    for (std::sregex_iterator it(text.begin(), text.end(), path), end; it != end; ++it) {
      EXPECT_TRUE(fs::exists(kRoot / std::string((*it)[1])))
          << where(file, line_at(text, static_cast<std::size_t>(it->position()))) << ": "
          << (*it)[1];
    }
  }
}

TEST(Tidy, FolderReadmesAreShort) {
  for (const fs::path& file : files_below({"src", "web", "tests"}, {".md"})) {
    if (file.filename() != "README.md") continue;
    EXPECT_LE(read_lines(file).size(), 30u) << name_of(file);
  }
}

TEST(TidyReader, FindsEachShapeThatMustNotBeWritten) {
  const std::vector<std::string> bad = {
      "co_await f({a, b});",
      "co_await save(Profile{name});",
      "co_await save(\n    Profile{name});",
      "co_await offload([body] { return hash(body); });",
      "co_await load(cached ? key_a() : key_b());",
      "x = c ? co_await a() : co_await b();",
      "if (co_await f()) g();",
      "while (co_await f()) g();",
      "x = c && co_await f();",
      "x = co_await f() || c;",
      "g(co_await f());",
      "g(co_await f(), 1);",
  };
  for (const std::string& code : bad) EXPECT_FALSE(co_await_findings(code).empty()) << code;
}

TEST(TidyReader, AllowsWhatTheStyleGuideAllows) {
  const std::vector<std::string> good = {
      "co_await f(a, b);",
      "const auto x = co_await f(g(a), h[1]);",
      "if (auto x = co_await f(); x) { g(); }",
      "if (const auto x = co_await f()) { g(); }",
      "for (auto& x : co_await f()) { g(); }",
      "auto&& x = co_await f(a);",
      "co_await f(\n    a,\n    b);",
      "co_return;",
      "bool all = a && b; co_await f();",
      "auto [a, b] = co_await f();",
  };
  for (const std::string& code : good) EXPECT_TRUE(co_await_findings(code).empty()) << code;
}

TEST(TidyReader, DoesNotReadCommentsAndStrings) {
  const std::string code =
      code_only("f(\"{\"); // co_await g({})\n/* ? */ R\"x(])\" {)x\"; 1'000; '{'");
  EXPECT_EQ(code.find_first_of("{?]"), std::string::npos) << code;
  EXPECT_NE(code.find("1'000"), std::string::npos);
}

}  // namespace
}  // namespace seendr::tidy
