#pragma once

#include "node/env/clock.hpp"
#include "node/http/router.hpp"
#include "node/http/server.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace wallet {

/// What a route of the fake was asked.
struct FakeRequest {
    std::string target;
    std::string payment;  ///< PAYMENT-SIGNATURE, or empty
    std::map<std::string, std::string> parameters;
    std::string block_query;  ///< ?block=, or empty
    std::string after_query;  ///< ?after=, or empty
    ledger::Bytes body;
};

/// A node over real HTTP whose answers a test makes up. Routes are added before `start`; they run
/// one at a time. No answer (nullopt) breaks the connection in the middle of one.
class FakeNode {
public:
    using Make = std::function<std::optional<node::Response>(const FakeRequest&)>;

    void on(node::Method method, const std::string& pattern, Make make);
    void start();
    std::string url() const;
    int calls(const std::string& pattern) const;

private:
    node::SystemClock clock_;
    node::Router router_;
    std::optional<node::Server> server_;
    mutable std::mutex mutex_;
    std::map<std::string, int> calls_;
};

}  // namespace wallet
