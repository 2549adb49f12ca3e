"use strict";

// Everything comes from this origin: no validator, no fonts, no other host.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  supportedSubmitMethods: [],
  // Houses are opened one by one: with some 140 operations open, Swagger UI draws no more.
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  tagsSorter: "alpha",
});
