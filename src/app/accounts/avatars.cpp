#include "app/accounts/avatars.hpp"

#include <pqxx/pqxx>

#include "app/sql.hpp"
#include "codec/text.hpp"
#include "http/ascii.hpp"

namespace seendr::app {

namespace {

std::string hex_of(const std::string& image) {
  return to_hex(bytes(image));
}

std::string etag_of(const std::string& version, int size) {
  return "\"" + version + "-" + std::to_string(size) + "\"";
}

}  // namespace

awaitable<bool> Avatars::put(UserId owner, Avatar avatar) {
  std::function<bool(pqxx::work&)> work = [owner, avatar = std::move(avatar)](pqxx::work& w) {
    static_assert(kAvatarSizes == std::array{64, 256, 512}, "the columns of avatars");
    const pqxx::result stored = w.exec_params(
        "insert into avatars (user_id, version, image_64, image_256, image_512) "
        "select u.id, $2, decode($3, 'hex'), decode($4, 'hex'), decode($5, 'hex') from users u "
        "where u.id = $1 and not u.guest on conflict (user_id) do update set "
        "version = excluded.version, image_64 = excluded.image_64, "
        "image_256 = excluded.image_256, image_512 = excluded.image_512, updated_at = now()",
        owner.value, avatar.version, hex_of(avatar.images[0]), hex_of(avatar.images[1]),
        hex_of(avatar.images[2]));
    return stored.affected_rows() == 1;
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<bool> Avatars::remove(UserId owner) {
  std::function<bool(pqxx::work&)> work = [owner](pqxx::work& w) {
    return w.exec_params("delete from avatars where user_id = $1", owner.value).affected_rows() > 0;
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::optional<ShownAvatar>> Avatars::find(AvatarWish wish) {
  using Outcome = std::optional<ShownAvatar>;
  std::function<Outcome(pqxx::work&)> work = [wish = std::move(wish)](pqxx::work& w) -> Outcome {
    const std::int64_t viewer = wish.viewer ? wish.viewer->value : 0;  // Nobody has the id 0.
    const pqxx::result found = w.exec_params(
        "select version, is_public from (select a.version, u.id, " + kPublicSql +
            " as is_public from avatars a join users u on u.id = a.user_id where u.id = $1) x "
            "where is_public or id = $2",
        wish.owner.value, viewer);
    if (found.empty()) return std::nullopt;
    const auto version = found[0][0].as<std::string>();
    ShownAvatar shown{etag_of(version, wish.size), found[0][1].as<bool>(), {}};
    if (http::matches_etag(wish.if_none_match, shown.etag)) return shown;
    // Another one, or none, if it changed just now.
    const pqxx::result image =
        w.exec_params("select version, encode(image_" + std::to_string(wish.size) +
                          ", 'hex') from avatars where user_id = $1",
                      wish.owner.value);
    if (image.empty()) return std::nullopt;
    shown.etag = etag_of(image[0][0].as<std::string>(), wish.size);
    shown.image = from_hex(image[0][1].c_str()).value();
    return shown;
  };
  co_return co_await database_.run(std::move(work));
}

}  // namespace seendr::app
