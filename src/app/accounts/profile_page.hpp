// The page of one public profile, as it is asked for over HTTP, kept by the cache.
#pragma once

#include "app/accounts/profiles.hpp"
#include "app/cached_response.hpp"

namespace seendr::app {

// A GET of it as everybody sends it: that of the article, and that with the picture.
http::Request profile_request(UserId user);
http::Request user_request(UserId user);

// For the route /api/profiles/{id:int}. Both must outlive the handler, Profiles the cache's
// close().
http::Handler profile_page(cache::Cache& cache, Profiles& profiles);

// The same with the person's picture, for /api/v1/users/{id:int}.
http::Handler user_page(cache::Cache& cache, Profiles& profiles);

}  // namespace seendr::app
