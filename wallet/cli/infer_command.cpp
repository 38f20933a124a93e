#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/model_calls.hpp"
#include "wallet/cli/model_metadata.hpp"
#include "wallet/cli/payments.hpp"
#include "wallet/client/pass_folder.hpp"
#include "wallet/tensors/input.hpp"

#include <cmath>
#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

struct InferOptions {
    std::string model, version, input, most = "1", deposit, encoding = "binary", pay = "channel";
    InputOptions reading;
    std::size_t top = 5;
};

/// The best classes of a row of scores, or nothing where it has none.
struct Class {
    std::size_t index;
    double value;
};
std::vector<Class> best_classes(const std::vector<double>& scores, std::size_t count)
{
    std::vector<Class> classes;
    for (std::size_t i = 0; i < scores.size(); ++i)
        if (!std::isnan(scores[i])) classes.push_back({i, scores[i]});
    std::stable_sort(classes.begin(), classes.end(),
                     [](const Class& a, const Class& b) { return a.value > b.value; });
    classes.resize(std::min(classes.size(), count));
    return classes;
}

json output_json(const inference::Tensor& tensor)
{
    json made{{"name", tensor.name},
              {"datatype", inference::name_of(tensor.type)},
              {"shape", tensor.shape}};
    const auto rendered = inference::render_infer_request({&tensor, 1}, inference::Encoding::json);
    if (rendered) {
        const auto parsed = codec::parse_json(ledger::as_text(rendered->body), {64 << 20, 16});
        if (parsed) made["data"] = (*parsed)["inputs"][0]["data"];
    } else {
        made["hex"] = ledger::to_hex0x(tensor.data);
    }
    return made;
}

/// A call by a pass; throws when there is none that is good for it.
struct PassCall {
    HttpReply reply;
    std::uint64_t left;
};
PassCall call_by_pass(const Session& session, const std::string& model, HttpRequest request)
{
    const auto folder = must(PassFolder::open(session.home()));
    const auto node = session.client().http().url().origin();
    auto pass = must(folder.find(node, model, now_ms().value));
    if (!pass)
        fail(Fault::payment_refused,
             "there is no pass for " + model + " at " + node + ": millrace pass buy " + model);
    request.headers.emplace_back("Authorization", "Bearer " + pass->pass);
    auto reply = must(session.client().http().call(request));
    const auto left = codec::parse_decimal(reply.header("Millrace-Pass-Left").value_or(""));
    if (left && *left != pass->left) {
        pass->left = *left;
        must(folder.save(*pass));
    }
    if (reply.status == 402)
        fail(Fault::payment_refused,
             "the pass is used up: millrace pass buy " + model + " for another one");
    if (reply.status != 200) throw Failure{failure_of(reply)};
    return {std::move(reply), pass->left};
}

PaidAnswer pay_and_call(const Session& session, const InferOptions& options,
                        const HttpRequest& request)
{
    PaymentTerms terms;
    terms.most = amount_of(options.most, "--max-price");
    if (!options.deposit.empty()) terms.deposit = amount_of(options.deposit, "--deposit");
    terms.pay = scheme_of(options.pay);
    const auto key = session.unlock(session.account());
    return must(make_paid_client(session, key).call(request, terms));
}

void infer(const Session& session, const InferOptions& options)
{
    const auto base = model_path(options.model, options.version);
    const auto io = io_of(must(session.client().get(base)));
    const auto file = read_input(options.input, 64 << 20);
    const auto tensors = must(tensors_from(file, io, options.reading));
    const auto encoding =
        options.encoding == "json" ? inference::Encoding::json : inference::Encoding::binary;
    auto request = infer_request(base, tensors, encoding);
    PaidAnswer answer;
    std::optional<std::uint64_t> left;
    if (options.pay == "pass") {
        auto call = call_by_pass(session, options.model, std::move(request));
        left = call.left;
        answer.reply = std::move(call.reply);
        answer.free = true;
    } else {
        answer = pay_and_call(session, options, request);
    }

    const auto parsed = infer_answer(answer.reply);
    json document{{"model", parsed.model_name},
                  {"version", parsed.model_version},
                  {"outputs", json::array()},
                  {"top", json::array()},
                  {"charged", codec::to_json(answer.charged)},
                  {"payment", payment_json(answer)}};
    if (left) document["passLeft"] = *left;
    for (const auto& output : parsed.outputs) document["outputs"].push_back(output_json(output));
    const auto best = best_classes(class_scores(parsed), options.top);
    for (const auto& one : best)
        document["top"].push_back({{"index", one.index}, {"value", one.value}});
    document["prediction"] = best.empty() ? json{} : json(best.front().index);
    session.show(document, [&] {
        std::cout << "model      " << parsed.model_name << " version " << parsed.model_version
                  << "\n";
        for (std::size_t i = 0; i < best.size(); ++i)
            std::printf("%s%-6zu %.6f\n", i == 0 ? "result     " : "           ", best[i].index,
                        best[i].value);
        std::fflush(stdout);
        if (best.empty()) std::cout << document["outputs"].dump(2) << "\n";
        if (left)
            std::cout << "charged    nothing: by a pass, good for " << *left << " more calls\n";
        else
            print_payment(answer);
    });
}

}  // namespace

void add_infer_command(CLI::App& app, Session& session)
{
    auto options = std::make_shared<InferOptions>();
    auto* infer_app = app.add_subcommand("infer", "Run a model on a node, and pay for it");
    infer_app->footer(
        "PNG and JPEG are scaled to the model's input; grey or RGB from 0 to 1.\n"
        "Numbers of npy and JSON are taken as they are: divide pixels of 0 to 255 where the\n"
        "model takes 0 to 1. Sizes of 1 may be left out, one item may be one long list, and\n"
        "integers become the model's type where it holds them exactly. JSON is a whole\n"
        "request, {\"INPUT\": [...]}, or the array of the only input.\n"
        "Opens a channel to the host when there is none, and tops it up when it is short.\n"
        "Examples: millrace infer digits --input seven.png\n"
        "          millrace infer digits --version 2 --input x.npy --top 3 --pay upto");
    infer_app->add_option("MODEL", options->model, "its name at the node")->required();
    infer_app->add_option("--input,-i", options->input, "file, or - for stdin")->required();
    infer_app->add_option("--version", options->version, "one version, by its number");
    infer_app->add_option("--input-name", options->reading.name,
                          "which input, where there are several");
    infer_app->add_flag("--invert", options->reading.invert, "pictures: black becomes white");
    infer_app->add_option("--top", options->top, "show the best K classes")->capture_default_str();
    infer_app->add_option("--max-price", options->most, "refuse to pay more than this for the call")
        ->capture_default_str();
    infer_app->add_option("--deposit", options->deposit,
                          "tokens to put into a new or short channel (ten calls)");
    infer_app
        ->add_option("--pay", options->pay,
                     "channel; chain: the same by one signature and links of a hash "
                     "chain; exact: a transfer for this call alone; upto: a permit for it, "
                     "settled at its price; pass: by one bought before (millrace pass)")
        ->check(CLI::IsMember({"channel", "chain", "exact", "upto", "pass"}))
        ->capture_default_str();
    infer_app->add_option("--encoding", options->encoding, "of the tensors")
        ->check(CLI::IsMember({"binary", "json"}))
        ->capture_default_str();
    infer_app->callback([=, &session] { infer(session, *options); });
}

}  // namespace wallet::cli
