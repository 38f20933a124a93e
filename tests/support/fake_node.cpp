#include "tests/support/fake_node.hpp"

#include <stdexcept>

namespace wallet {

void FakeNode::on(node::Method method, const std::string& pattern, Make make)
{
    router_.add(method, pattern, {"a fake"},
                [this, pattern,
                 make = std::move(make)](node::Exchange& exchange) -> boost::asio::awaitable<void> {
                    FakeRequest request;
                    request.target = exchange.head().target.path();
                    request.payment = exchange.head().header("PAYMENT-SIGNATURE").value_or("");
                    for (const char* name :
                         {"address", "block", "channel", "from", "key", "model", "name", "txId"})
                        request.parameters[name] = exchange.parameter(name);
                    request.block_query = exchange.head().target.parameter("block").value_or("");
                    request.after_query = exchange.head().target.parameter("after").value_or("");
                    auto body = co_await exchange.read_body(1 << 20);
                    if (body) request.body = std::move(*body);
                    std::optional<node::Response> answer;
                    {
                        const std::lock_guard lock{mutex_};
                        ++calls_[pattern];
                        answer = make(request);
                    }
                    if (answer) {
                        node::Response response = std::move(*answer);
                        co_await exchange.respond(std::move(response));
                        co_return;
                    }
                    node::Response half{200};
                    co_await exchange.begin(std::move(half));
                });
}

void FakeNode::start()
{
    node::ServerConfig config;
    config.port = 0;
    server_.emplace(config, router_, clock_);
    if (!server_->start()) throw std::runtime_error{"the fake node does not start"};
}

std::string FakeNode::url() const
{
    return "http://127.0.0.1:" + std::to_string(server_->local().port());
}

int FakeNode::calls(const std::string& pattern) const
{
    const std::lock_guard lock{mutex_};
    const auto found = calls_.find(pattern);
    return found == calls_.end() ? 0 : found->second;
}

}  // namespace wallet
