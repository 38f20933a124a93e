#pragma once

#include "node/http/exchange.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace node {

/// What the OpenAPI document says about a route.
struct RouteInfo {
    std::string summary;
    /// JSON schema pointers such as `#/components/schemas/Transaction`; empty for none.
    std::string request_schema = {};
    std::string response_schema = {};
    std::vector<unsigned> errors = {};  ///< statuses besides 200 that the route can answer
};

struct RouterOptions {
    /// Origins whose pages may call us from a browser; "*" allows all. Empty: none.
    std::vector<std::string> allowed_origins = {};
};

/// Finds the handler of a method and path. Patterns are segments, a `{name}` takes any one
/// non-empty segment; a fixed segment is preferred over a name. `/v2` answers for `/v2/` too.
/// Unknown paths get 404, known paths with another method 405 with Allow, GET serves HEAD,
/// OPTIONS is answered here, and CORS headers are added for allowed origins.
class Router : public Handler {
public:
    using Handle = std::function<asio::awaitable<void>(Exchange&)>;

    explicit Router(RouterOptions options = {}) : options_{std::move(options)} {}

    /// Before the server starts. The same method and pattern twice is our own bug.
    void add(Method method, std::string pattern, RouteInfo info, Handle handle);

    asio::awaitable<void> handle(Exchange& exchange) override;

    /// An OpenAPI 3.1 document of every route. `schemas` is the JSON text of an object that
    /// becomes components.schemas; empty for none.
    std::string openapi(std::string_view title, std::string_view version,
                        std::string_view schemas = {}) const;

private:
    struct Route {
        RouteInfo info;
        Handle handle;
    };
    struct Path {
        std::string pattern;
        std::vector<std::string> segments;  ///< "{name}" for a parameter
        std::map<Method, Route> routes;
    };

    const Path* find(const Target::Segments& segments) const;
    bool add_cors(Exchange& exchange) const;
    asio::awaitable<void> answer_options(Exchange& exchange, const std::string& allow, bool cors);

    RouterOptions options_;
    std::vector<Path> paths_;  ///< fixed segments before names
};

}  // namespace node
