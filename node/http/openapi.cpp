#include "node/http/router.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace node {
namespace {

using Json = nlohmann::ordered_json;

Json schema_content(const std::string& pointer)
{
    Json content;
    content["application/json"]["schema"]["$ref"] = pointer;
    return content;
}

std::string lower(std::string_view text)
{
    std::string made{text};
    std::transform(made.begin(), made.end(), made.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return made;
}

Json path_parameters(const std::vector<std::string>& segments)
{
    Json parameters = Json::array();
    for (const auto& segment : segments) {
        if (segment.size() < 3 || segment.front() != '{') continue;
        parameters.push_back({{"name", segment.substr(1, segment.size() - 2)},
                              {"in", "path"},
                              {"required", true},
                              {"schema", {{"type", "string"}}}});
    }
    return parameters;
}

Json operation(const RouteInfo& info)
{
    Json made;
    made["summary"] = info.summary;
    if (!info.request_schema.empty()) {
        made["requestBody"] = {{"required", true},
                               {"content", schema_content(info.request_schema)}};
    }
    Json success{{"description", "success"}};
    if (!info.response_schema.empty()) success["content"] = schema_content(info.response_schema);
    made["responses"]["200"] = std::move(success);
    for (const auto status : info.errors) {
        made["responses"][std::to_string(status)] = {{"description", "refused"}};
    }
    return made;
}

}  // namespace

std::string Router::openapi(std::string_view title, std::string_view version,
                            std::string_view schemas) const
{
    Json document;
    document["openapi"] = "3.1.0";
    document["info"] = {{"title", title}, {"version", version}};
    document["paths"] = Json::object();
    for (const auto& path : paths_) {
        auto& item = document["paths"][path.pattern];
        if (auto parameters = path_parameters(path.segments); !parameters.empty()) {
            item["parameters"] = std::move(parameters);
        }
        for (const auto& [method, route] : path.routes) {
            item[lower(to_text(method))] = operation(route.info);
        }
    }
    if (!schemas.empty()) {
        // Our own text, written beside the routes: a mistake in it is a bug, not bad input.
        document["components"]["schemas"] = Json::parse(schemas);
    }
    return document.dump();
}

}  // namespace node
