#include "inference/model/inspect.hpp"
#include "inference/model/limits.hpp"
#include "ledger/base/hex.hpp"
#include "ledger/crypto/sha256.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/model_names.hpp"
#include "wallet/cli/node_lists.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/cli/sales.hpp"
#include "wallet/cli/sealed_model.hpp"
#include "wallet/keys/new_file.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

/// A page or an answer in words is shorter than any model worth this.
constexpr std::chrono::minutes patience{30};

struct FetchModelOptions {
    std::string source, out, sha256, content_id, from, sale, batch;
    std::size_t most_bytes = std::size_t{512} << 20;
};

bool is_url(const std::string& text)
{
    return text.starts_with("https://") || text.starts_with("http://");
}

/// Redirects are not followed: who named the URL named the server.
ledger::Bytes download(const Session& session, const std::string& text, std::size_t most)
{
    auto url = must(parse_url(text.substr(0, text.find('?'))));
    HttpRequest request;
    request.target = url.base.empty() ? "/" : url.base;
    if (const auto query = text.find('?'); query != std::string::npos)
        request.target += text.substr(query);
    url.base.clear();
    HttpBounds bounds;
    bounds.body_bytes = most;
    bounds.exchange = patience;
    const HttpClient client{url, bounds, {session.settings.authorities}};
    auto reply = must(client.call(request));
    if (reply.status != 200)
        fail(Fault::not_found, url.origin() + " answers " + std::to_string(reply.status) +
                                   (reply.status / 100 == 3 ? ": redirects are not followed" : ""));
    return std::move(reply.body);
}

/// Which content a version has, proven by the ledger.
std::string registered_content(const Session& session, const std::string& text)
{
    const auto at = text.rfind('@');
    const auto model = model_of(session, text.substr(0, at));
    const auto ver = version_of(session, model, at == std::string::npos ? "" : text.substr(at + 1));
    const auto record = session.record<market::VersionRecord>({model, ver});
    if (!record) fail(Fault::not_found, "there is no " + text + " on the ledger");
    return ledger::to_hex0x(record->version.content_id.view());
}

/// Out of a sealed batch that this wallet bought: never on the disk before it is known to be it.
ledger::Bytes open_bought_model(const Session& session, const FetchModelOptions& options)
{
    auto batch = bought(session, sale_id_of(options.sale), options.batch);
    ProgressBar bar{"opening", batch.folder.manifest().bytes};
    return must(model_in(batch.folder, batch.key,
                         id_of<inference::ContentId>(options.content_id, "content id"),
                         options.most_bytes, bar.teller()));
}

ledger::Bytes bytes_from(const Session& session, const FetchModelOptions& options,
                         const std::string& place)
{
    if (!options.sale.empty()) return open_bought_model(session, options);
    if (is_url(place) && options.sha256.empty() && options.content_id.empty())
        fail(Fault::usage, "of what a server gives say the --sha256 or the --content-id");
    return is_url(place) ? download(session, place, options.most_bytes)
                         : read_input(place, options.most_bytes);
}

void fetch(const Session& session, FetchModelOptions options)
{
    const bool is_named = !is_url(options.source) && !std::filesystem::exists(options.source);
    if (is_named) {
        if (options.from.empty() && options.sale.empty())
            fail(Fault::usage,
                 options.source +
                     " is no file: of a model of the ledger say with --from where "
                     "its bytes are, or with --sale and --batch that you bought them");
        options.content_id = registered_content(session, options.source);
    } else if (!options.sale.empty()) {
        fail(Fault::usage, "with --sale the source is MODEL@VERSION of the ledger");
    }
    const auto place = !options.sale.empty() ? options.batch
                       : is_named            ? options.from
                                             : options.source;
    const auto file = bytes_from(session, options, place);
    const auto hash = ledger::sha256(file);
    if (!options.sha256.empty() && hash != id_of<ledger::Hash>(options.sha256, "SHA-256"))
        fail(Fault::unverified, place + " has another SHA-256: " + ledger::to_hex0x(hash.view()));
    const auto summary = must(inference::inspect_model(file));
    const auto content = ledger::to_hex0x(summary.content_id.view());
    if (!options.content_id.empty() &&
        summary.content_id != id_of<inference::ContentId>(options.content_id, "content id"))
        fail(Fault::unverified, place + " has other content: " + content);
    auto made = must(NewFile::create(options.out));
    must(made.write(file));
    must(made.commit(!options.sale.empty()));  // what was bought is not everybody's
    session.show({{"file", options.out},
                  {"bytes", file.size()},
                  {"sha256", ledger::to_hex0x(hash.view())},
                  {"contentId", content}},
                 [&] {
                     std::cout << "written  " << options.out << ", " << bytes_text(file.size())
                               << "\nsha256   " << ledger::to_hex0x(hash.view()) << "\ncontent  "
                               << content << "\n";
                 });
}

}  // namespace

void add_fetch_model_command(CLI::App& model, Session& session)
{
    auto options = std::make_shared<FetchModelOptions>();
    auto* app = model.add_subcommand("fetch", "Take a model from a file, a server, or the market");
    app->footer(
        "Nothing is written before it is checked: that it is the file that was meant, and a model\n"
        "that may be served. Of a model of the ledger its version says what the content must be,\n"
        "wherever the bytes are from.\n"
        "Example: millrace model fetch https://models.example/digits.onnx --sha256 0x5a… --out "
        "digits.onnx\n"
        "         millrace model fetch ann/digits@2 --from https://mirror.example/d.onnx --out "
        "digits.onnx\n"
        "         millrace model fetch ann/digits@2 --sale 0xSALE --batch digits.batch --out "
        "digits.onnx");
    app->add_option("SOURCE", options->source, "file, URL, or MODEL@VERSION of the ledger")
        ->required();
    app->add_option("--out", options->out, "file to make")->required();
    auto* from =
        app->add_option("--from", options->from, "file or URL of the bytes of MODEL@VERSION");
    auto* sale = app->add_option("--sale", options->sale,
                                 "a sale of sealed data in which you bought MODEL@VERSION");
    auto* batch =
        app->add_option("--batch", options->batch, "folder of the sealed batch that has it");
    sale->needs(batch)->excludes(from);
    batch->needs(sale);
    app->add_option("--sha256", options->sha256, "of the file");
    app->add_option("--content-id", options->content_id, "of the model, whatever its file is like");
    app->add_option("--most-bytes", options->most_bytes, "of the file")->capture_default_str();
    app->callback([=, &session] { fetch(session, *options); });
}

}  // namespace wallet::cli
