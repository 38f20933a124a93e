#include "node/http/router.hpp"

#include "ledger/base/ensure.hpp"

#include <algorithm>

namespace node {
namespace {

constexpr const char* exposed_headers = "PAYMENT-REQUIRED, PAYMENT-RESPONSE";
constexpr const char* allowed_headers =
    "Content-Type, PAYMENT-SIGNATURE, Inference-Header-Content-Length, Idempotency-Key";

bool is_name(std::string_view segment)
{
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::vector<std::string> split_pattern(std::string_view pattern)
{
    std::vector<std::string> segments;
    while (pattern.size() > 1) {
        pattern.remove_prefix(1);
        const auto part = pattern.substr(0, pattern.find('/'));
        segments.emplace_back(part);
        pattern.remove_prefix(part.size());
    }
    return segments;
}

/// Fixed segments sort before names, so the first path that fits is the most precise one.
bool more_precise(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [](const auto& left, const auto& right) {
                                            if (is_name(left) != is_name(right))
                                                return is_name(right);
                                            return !is_name(left) && left < right;
                                        });
}

}  // namespace

void Router::add(Method method, std::string pattern, RouteInfo info, Handle handle)
{
    ledger::ensure(pattern.starts_with('/'), "a route's pattern begins with a slash");
    auto path = std::find_if(paths_.begin(), paths_.end(),
                             [&](const Path& known) { return known.pattern == pattern; });
    if (path == paths_.end()) {
        Path made{pattern, split_pattern(pattern), {}};
        path = std::find_if(paths_.begin(), paths_.end(), [&](const Path& known) {
            return more_precise(made.segments, known.segments);
        });
        path = paths_.insert(path, std::move(made));
    }
    const bool is_new =
        path->routes.emplace(method, Route{std::move(info), std::move(handle)}).second;
    ledger::ensure(is_new, "a route is added once");
}

const Router::Path* Router::find(const Target::Segments& segments) const
{
    auto count = segments.size();
    if (count > 0 && segments.back().empty()) --count;  // one trailing slash
    const auto fits = [&](const Path& path) {
        if (path.segments.size() != count) return false;
        for (std::size_t i = 0; i < count; ++i) {
            const std::string_view wanted = path.segments[i];
            if (is_name(wanted) ? segments[i].empty() : segments[i] != wanted) return false;
        }
        return true;
    };
    const auto found = std::find_if(paths_.begin(), paths_.end(), fits);
    return found == paths_.end() ? nullptr : &*found;
}

asio::awaitable<void> Router::handle(Exchange& exchange)
{
    const auto& head = exchange.head();
    const bool cors = add_cors(exchange);
    if (head.method == Method::options && head.target.is_asterisk()) {
        const std::string all = "GET, HEAD, POST, OPTIONS";
        co_return co_await answer_options(exchange, all, cors);
    }
    const Path* path = find(head.target.segments());
    if (!path) {
        HttpError error{404, "not_found", "there is nothing at this path"};
        co_await exchange.refuse(std::move(error));
        co_return;
    }
    exchange.set_route(path->pattern);
    for (std::size_t i = 0; i < path->segments.size(); ++i) {
        const std::string_view name = path->segments[i];
        if (is_name(name)) {
            exchange.set_parameter(name.substr(1, name.size() - 2), head.target.segments()[i]);
        }
    }
    const auto wanted = head.method == Method::head ? Method::get : head.method;
    if (const auto route = path->routes.find(wanted); route != path->routes.end()) {
        co_await route->second.handle(exchange);
        co_return;
    }
    std::string allow;
    for (const auto& [method, route] : path->routes) {
        allow += std::string{to_text(method)} + ", ";
        if (method == Method::get) allow += "HEAD, ";
    }
    allow += "OPTIONS";
    if (head.method == Method::options) co_return co_await answer_options(exchange, allow, cors);

    HttpError error{405, "method_not_allowed", "this path does not know the method"};
    if (head.method == Method::other) {
        error = {501, "method_unknown", "this server does not know the method"};
    } else {
        exchange.add_header("Allow", allow);
    }
    co_await exchange.refuse(std::move(error));
}

bool Router::add_cors(Exchange& exchange) const
{
    if (options_.allowed_origins.empty()) return false;
    const auto origin = exchange.head().header("Origin");
    if (!origin) return false;
    const auto allowed = [&](const std::string& known) { return known == "*" || known == *origin; };
    exchange.add_header("Vary", "Origin");
    if (std::none_of(options_.allowed_origins.begin(), options_.allowed_origins.end(), allowed)) {
        return false;
    }
    exchange.add_header("Access-Control-Allow-Origin", std::string{*origin});
    exchange.add_header("Access-Control-Expose-Headers", exposed_headers);
    return true;
}

asio::awaitable<void> Router::answer_options(Exchange& exchange, const std::string& allow,
                                             bool cors)
{
    Response response{204};
    response.with("Allow", allow);
    if (cors && exchange.head().header("Access-Control-Request-Method")) {
        response.with("Access-Control-Allow-Methods", allow);
        response.with("Access-Control-Allow-Headers", allowed_headers);
        response.with("Access-Control-Max-Age", "600");
    }
    co_await exchange.respond(std::move(response));
}

}  // namespace node
