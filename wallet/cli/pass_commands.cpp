#include "ledger/codec/json.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/payments.hpp"
#include "wallet/client/pass_folder.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

struct PassOptions {
    std::string model, most = "10", pay = "exact";
};

std::string node_of(const Session& session)
{
    return session.client().http().url().origin();
}

json pass_json(const PassFile& pass)
{
    auto document = codec::to_json(pass);
    document.erase("pass");  // a secret; in its file
    document["ended"] = now_ms().value >= pass.until_ms;
    return document;
}

void print(const PassFile& pass)
{
    std::cout << "pass       " << pass.model << " at " << pass.node << "\nleft       " << pass.left
              << " of " << pass.calls << " calls\nuntil      "
              << time_text(ledger::TimeMs{pass.until_ms})
              << (now_ms().value >= pass.until_ms ? " (over)" : "") << "\nprice      "
              << tokens(pass.price) << "\n";
}

/// Null when it is no JSON.
json body_of(const HttpReply& reply)
{
    auto body = codec::parse_json(ledger::as_text(reply.body), {64 * 1024, 8});
    return body ? std::move(*body) : json{};
}

PassFile pass_of(const PaidAnswer& answer, const std::string& node, const std::string& model)
{
    const auto sold = body_of(answer.reply);
    if (!sold.is_object() || !sold.contains("pass") || !sold["pass"].is_string())
        fail(Fault::failed, "the node was paid and gave no pass");
    PassFile pass;
    pass.node = node;
    pass.model = model;
    pass.pass = sold["pass"];
    pass.calls = pass.left = sold.value("calls", std::uint64_t{0});
    pass.until_ms = sold.value("untilMs", std::uint64_t{0});
    pass.price = answer.charged;
    return pass;
}

void show_offers(const Session& session)
{
    const auto offers = must(session.client().get("/v1/passes"));
    session.show(offers, [&] {
        for (const auto& one : offers.at("passes")) {
            std::cout << one.at("model").get<std::string>() << "\n";
            if (one.contains("subscription")) {
                const auto& sold = one.at("subscription");
                const auto price = must(codec::from_json<ledger::Amount>(sold.at("price")));
                std::cout << "  pass     " << sold.at("calls") << " calls within "
                          << sold.at("periodS") << " s for " << tokens(price) << "\n";
            }
            if (one.contains("free"))
                std::cout << "  free     " << one.at("free").at("calls") << " calls each "
                          << one.at("free").at("periodS") << " s\n";
        }
        if (offers.at("passes").empty()) std::cout << "nothing is sold ahead at this node\n";
    });
}

void buy(const Session& session, const PassOptions& options)
{
    PaymentTerms terms;
    terms.most = amount_of(options.most, "--max-price");
    terms.pay = scheme_of(options.pay);
    const auto folder = must(PassFolder::open(session.home()));
    const auto key = session.unlock(session.account());
    const HttpRequest request{"POST", "/v1/passes/" + url_segment(options.model)};
    const auto answer = must(make_paid_client(session, key).call(request, terms));
    const auto pass = pass_of(answer, node_of(session), options.model);
    must(folder.save(pass));
    auto document = pass_json(pass);
    document["payment"] = payment_json(answer);
    session.show(document, [&] {
        print(pass);
        print_payment(answer);
        std::cout << "Use it:    millrace infer " << pass.model << " --pay pass --input FILE\n";
    });
}

/// Asks the node for each of its passes how many calls are left.
void list_passes(const Session& session)
{
    const auto folder = must(PassFolder::open(session.home()));
    must(folder.forget_ended(now_ms().value - std::min<std::uint64_t>(now_ms().value, 86'400'000)));
    auto passes = must(folder.list());
    json document = json::array();
    for (auto& pass : passes) {
        if (pass.node == node_of(session)) {
            HttpRequest request{"GET", "/v1/passes/" + url_segment(pass.model)};
            request.headers.emplace_back("Authorization", "Bearer " + pass.pass);
            const auto reply = session.client().http().call(request);
            const auto state = reply && reply->status == 200 ? body_of(*reply) : json{};
            if (state.is_object() && state.value("left", pass.left) != pass.left) {
                pass.left = state["left"];
                must(folder.save(pass));
            }
        }
        document.push_back(pass_json(pass));
    }
    session.show({{"passes", document}}, [&] {
        for (const auto& pass : passes) print(pass);
        if (passes.empty()) std::cout << "no passes\n";
    });
}

}  // namespace

void add_pass_commands(CLI::App& app, Session& session)
{
    auto* pass = app.add_subcommand("pass", "Calls bought ahead")->require_subcommand(1);
    pass->footer(
        "A pass is good for a number of calls of one model at one node, until a day. It is kept\n"
        "in passes/ in the home; whoever has it can use it.\n"
        "Examples: millrace pass offers\n"
        "          millrace pass buy digits --max-price 2\n"
        "          millrace infer digits --pay pass --input seven.png");
    auto* offers = pass->add_subcommand("offers", "What a node sells ahead and gives away");
    offers->callback([&session] { show_offers(session); });

    auto options = std::make_shared<PassOptions>();
    auto* buy_app = pass->add_subcommand("buy", "Buy a pass");
    buy_app->add_option("MODEL", options->model, "its name at the node")->required();
    buy_app->add_option("--max-price", options->most, "refuse to pay more than this")
        ->capture_default_str();
    buy_app->add_option("--pay", options->pay, "exact: a transfer; upto: a permit")
        ->check(CLI::IsMember({"exact", "upto"}))
        ->capture_default_str();
    buy_app->callback([=, &session] { buy(session, *options); });

    auto* list_app = pass->add_subcommand("list", "Passes of this wallet, and what is left");
    list_app->callback([&session] { list_passes(session); });
}

}  // namespace wallet::cli
