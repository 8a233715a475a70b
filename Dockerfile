# One image for every service: docker-compose.yml says which of them a container runs.
FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image brings Node and Compose brings PostgreSQL, so npm need bring neither: no install scripts, no optional packages.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json supergraph.graphql ./
COPY shared ./shared
COPY subgraphs ./subgraphs
COPY gateway ./gateway
COPY scripts ./scripts
# A new volume takes the owner of the folder that it is mounted on.
RUN install --directory --owner=node --group=node --mode=0700 /data
USER node
