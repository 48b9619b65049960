#include "app/mail/smtp.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <string_view>

#include <curl/curl.h>

namespace seendr::app {

namespace {

constexpr std::size_t kLongestReply = 300;

using Curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using CurlList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

// Once a process, by whoever sends first. Never taken back: libcurl's threads may outlive us.
bool curl_is_ready() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

enum class Stage { sender, recipient, content };  // What the server is asked to take.

struct Transfer {
  std::string_view left;  // Of the message.
  std::string to;
  std::string reply;  // The server's last line that was a refusal.
  Stage stage = Stage::sender;
  const std::function<bool()>& stop;
};

std::size_t give_message(char* out, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::size_t n = std::min(size * count, transfer.left.size());
  std::memcpy(out, transfer.left.data(), n);
  transfer.left.remove_prefix(n);
  return n;
}

bool is_same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

// Servers repeat the address, which is for nobody who reads logs.
std::string without_address(std::string line, const std::string& address) {
  constexpr std::string_view kInstead = "[address]";
  auto from = line.begin();
  for (;;) {
    const auto found =
        std::search(from, line.end(), address.begin(), address.end(), is_same_letter);
    if (found == line.end() || address.empty()) return line;
    const auto at = found - line.begin();
    line.replace(static_cast<std::size_t>(at), address.size(), kInstead);
    from = line.begin() + at + static_cast<std::ptrdiff_t>(kInstead.size());
  }
}

std::size_t take_reply(char* line, std::size_t size, std::size_t count, void* context) {
  const bool refuses = size * count > 0 && (*line == '4' || *line == '5');
  if (!refuses) return size * count;
  auto& transfer = *static_cast<Transfer*>(context);
  std::string& reply = transfer.reply;
  reply = without_address(std::string(line, size * count), transfer.to);
  reply.resize(std::min(reply.size(), kLongestReply));
  std::replace_if(
      reply.begin(), reply.end(), [](char c) { return c < ' ' || c > '~'; }, ' ');
  reply.erase(reply.find_last_not_of(' ') + 1);
  return size * count;
}

// Sees each command. A password is among them.
int follow(CURL*, curl_infotype type, char* text, std::size_t size, void* context) {
  if (type != CURLINFO_HEADER_OUT) return 0;
  const std::string_view command(text, size);
  auto& transfer = *static_cast<Transfer*>(context);
  if (command.starts_with("RCPT ")) {
    transfer.stage = Stage::recipient;
  } else if (transfer.stage == Stage::recipient && command.starts_with("DATA")) {
    transfer.stage = Stage::content;
  }
  return 0;
}

// What the server is told to write nowhere: the default would be stdout.
std::size_t drop_body(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

int asked_to_stop(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(context)->stop() ? 1 : 0;
}

std::string url_of(const SmtpOptions& options, const std::string& from) {
  const bool v6 = options.host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + options.host + "]" : options.host;
  const std::string scheme = options.security == SmtpSecurity::tls ? "smtps://" : "smtp://";
  // The path is the name we greet with.
  return scheme + host + ":" + std::to_string(options.port) + "/" + from.substr(from.find('@') + 1);
}

void set_server(CURL* curl, const SmtpOptions& options, const std::string& from) {
  curl_easy_setopt(curl, CURLOPT_URL, url_of(options, from).c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");  // None from the environment.
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, long{options.connect_timeout.count()});
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, long{options.timeout.count()});
  if (options.security == SmtpSecurity::starttls) {
    curl_easy_setopt(curl, CURLOPT_USE_SSL, long{CURLUSESSL_ALL});
  }
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (!options.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, options.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, options.password.c_str());
  }
}

void set_transfer(CURL* curl, Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_message);
  curl_easy_setopt(curl, CURLOPT_READDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_reply);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_body);
  curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, follow);
  curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, asked_to_stop);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
}

// What follows the three digits of a reply and a blank or hyphen.
std::string_view text_of(std::string_view reply) {
  return reply.substr(std::min<std::size_t>(reply.size(), 4));
}

// Of class 5, "5.7.1": RFC 3463.
bool has_status(std::string_view reply) {
  const std::string_view text = text_of(reply);
  return text.size() > 3 && text.starts_with("5.") && std::isdigit(text[2]) != 0;
}

// Postfix has smtpd_delay_reject: whom it refuses as a client or sender it tells so at RCPT.
bool is_against_us(std::string_view reply) {
  if (has_status(reply)) return text_of(reply).starts_with("5.7.");
  constexpr std::string_view kRelay = "relay";
  return std::search(reply.begin(), reply.end(), kRelay.begin(), kRelay.end(), is_same_letter) !=
         reply.end();
}

Delivery outcome(CURL* curl, CURLcode code, const std::string& said, const Transfer& transfer) {
  if (code == CURLE_OK) return Delivery{};
  long reply = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
  const bool is_of_us = transfer.stage == Stage::sender ||
                        (transfer.stage == Stage::recipient && is_against_us(transfer.reply));
  const bool is_refused = reply >= 500 && reply < 600 && !is_of_us;
  Delivery delivery;
  delivery.kind = is_refused ? Delivery::Kind::permanent : Delivery::Kind::temporary;
  delivery.reason = said.empty() ? curl_easy_strerror(code) : said;
  if (!transfer.reply.empty()) delivery.reason += " (" + transfer.reply + ")";
  delivery.is_address_useless =
      !has_status(transfer.reply) || text_of(transfer.reply).starts_with("5.1.");
  return delivery;
}

}  // namespace

Delivery send_by_smtp(const SmtpOptions& options, const std::string& from, const std::string& to,
                      const std::string& message, const std::function<bool()>& stop) {
  char said[CURL_ERROR_SIZE] = "";
  // Outlives the handle: its end says QUIT.
  Transfer transfer{message, to, "", Stage::sender, stop};
  const Curl curl(curl_is_ready() ? curl_easy_init() : nullptr, curl_easy_cleanup);
  const CurlList recipients(curl_slist_append(nullptr, ("<" + to + ">").c_str()),
                            curl_slist_free_all);
  if (!curl || !recipients) {
    return Delivery{Delivery::Kind::temporary, "libcurl cannot be used"};
  }
  const std::string author = "<" + from + ">";
  set_server(curl.get(), options, from);
  set_transfer(curl.get(), transfer);
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, said);
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, author.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, recipients.get());
  const CURLcode code = curl_easy_perform(curl.get());
  return outcome(curl.get(), code, said, transfer);
}

}  // namespace seendr::app
