#include "inference/clients/clients.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/model_metadata.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

struct ApiOptions {
    std::string model, version, cpp, js;
    bool curl = false, openapi = false;
};

/// The clients are written here, from inputs and outputs as the node describes them: what gets
/// compiled and run is not the node's text.
void make_api(const Session& session, const ApiOptions& options)
{
    auto base = "/v2/models/" + url_segment(options.model);
    if (!options.version.empty()) base += "/versions/" + url_segment(options.version);
    const auto openapi = must(session.client().get(base + "/openapi.json"));
    const auto& url = session.client().http().url();
    inference::ModelApi api{options.model,
                            options.version,
                            url.origin() + url.base,
                            io_of(must(session.client().get(base))),
                            {},
                            false};
    if (openapi.contains("x-millrace-price")) api.price = openapi["x-millrace-price"].dump();
    api.unverified = openapi.value("x-millrace-unverified", false);

    json document{{"model", options.model}, {"files", json::array()}};
    const auto write = [&](const std::string& path, const std::string& text) {
        if (path.empty()) return;
        write_output(path, text);
        document["files"].push_back(path);
    };
    if (!options.cpp.empty()) write(options.cpp, must(inference::cpp_client(api)));
    if (!options.js.empty()) write(options.js, must(inference::js_client(api)));
    if (options.curl) document["curl"] = must(inference::curl_script(api));
    if (options.openapi) document["openapi"] = openapi;
    session.show(document, [&] {
        for (const auto& path : document["files"])
            std::cout << "written    " << path.get<std::string>() << "\n";
        if (options.curl) std::cout << document["curl"].get<std::string>();
        if (options.openapi) std::cout << openapi.dump(2) << "\n";
    });
}

}  // namespace

void add_api_command(CLI::App& model, Session& session)
{
    auto options = std::make_shared<ApiOptions>();
    auto* app =
        model.add_subcommand("api", "Clients and descriptions of a model that a node serves");
    app->footer(
        "The C++ header wants C++17 and nothing else, the JavaScript module fetch; both take what\n"
        "carries a request as an argument, so that it can pay.\n"
        "Examples: millrace model api digits --curl\n"
        "          millrace model api digits --version 2 --cpp digits.hpp --js digits.mjs");
    app->add_option("NAME", options->model, "its name at the node")->required();
    app->add_option("--version", options->version, "one version, by its number");
    auto* what = app->add_option_group("what");
    what->add_flag("--curl", options->curl, "print a shell script that calls it once");
    what->add_flag("--openapi", options->openapi, "print the OpenAPI document");
    what->add_option("--cpp", options->cpp, "write a C++ client to this file");
    what->add_option("--js", options->js, "write a JavaScript client to this file");
    what->require_option(1, 0);
    app->callback([=, &session] { make_api(session, *options); });
}

}  // namespace wallet::cli
